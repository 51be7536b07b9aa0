using InferenceOperator.Control;
using InferenceOperator.Core.Control.Learned;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Local;

/// <summary>Keeps what controllers learned in a folder, a file for each agent.</summary>
/// <param name="folder">It is made when something is written.</param>
internal sealed class LearnedFiles(string folder) : ILearnedStore
{
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        try
        {
            var path = PathOf(agent);
            if (!File.Exists(path))
            {
                return null;
            }

            return new FileInfo(path).Length <= LearnedState.BytesMax
                ? await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false)
                : throw new WorkloadException($"{path} is too large");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkloadException(e.Message, e);
        }
    }

    public async ValueTask WriteAsync(InferenceAgent agent, ReadOnlyMemory<byte> state, CancellationToken cancellationToken)
    {
        try
        {
            // Whoever is stopped while writing leaves the file before.
            Directory.CreateDirectory(folder);
            var path = PathOf(agent);
            await File.WriteAllBytesAsync(path + ".new", state, cancellationToken).ConfigureAwait(false);
            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WorkloadException(e.Message, e);
        }
    }

    // A namespace has no dot.
    private string PathOf(InferenceAgent agent) => Path.Combine(folder, Uri.EscapeDataString($"{agent.Metadata.Namespace}.{agent.Metadata.Name}") + ".json");
}
