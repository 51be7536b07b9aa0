using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Providers;

/// <summary>The profile of a session from its making to the end of its warm-up, in a folder of its own that goes with it.</summary>
internal sealed class WarmUpProfile : IDisposable
{
    /// <summary>A longer profile than this is not read: a model of 4,000 nodes that is warmed by 30 runs has about 120 MB.</summary>
    private const long BytesMax = 256L << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-runtime-profile-");

    /// <summary>Where the session is to write.</summary>
    public string Prefix => Path.Combine(_folder.FullName, "warm-up");

    /// <summary>Ends the session's profiling, after which it costs nothing any more, and reads it.</summary>
    /// <param name="session">Made with <see cref="Prefix"/>.</param>
    /// <param name="provider">ONNX Runtime's name of the provider that it was given to.</param>
    public PlacementReading End(InferenceSession session, string provider)
    {
        var unknown = new PlacementReading(new(provider, null, null), []);
        try
        {
            var file = new FileInfo(Path.Combine(_folder.FullName, Path.GetFileName(session.EndProfiling())));
            return file.Exists && file.Length <= BytesMax ? PlacementProfile.Read(File.ReadAllBytes(file.FullName), provider) : unknown;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or OnnxRuntimeException or ArgumentException)
        {
            return unknown;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
