using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;

namespace InferenceRuntime.Models;

/// <summary>Makes versions that can serve.</summary>
/// <param name="load">Loads a version.</param>
/// <param name="cached">Puts a version's cache round its engine.</param>
internal sealed class VersionLoader(VersionLoad load, Func<IInferenceEngine, IInferenceEngine> cached)
{
    /// <summary>Loads and warms a version.</summary>
    /// <exception cref="OperationCanceledException">The load was given up.</exception>
    public async Task<LoadedVersion> LoadAsync(string model, ModelVersion version, RuntimeSettings settings, CancellationToken cancellationToken) =>
        await load(model, version, settings, cancellationToken).ConfigureAwait(false) switch
        {
            ModelLoad.Loaded loaded => Warm(version, loaded.Engine, loaded.Engine, loaded.Facts),
            ModelLoad.LoadedVariants loaded => Warm(version, loaded.Engine, loaded.Engine, loaded.Facts),
            ModelLoad.Rejected rejected => new LoadedVersion.Rejected(WithoutPaths(rejected.Reason, version.Path)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    private LoadedVersion.Warm Warm(ModelVersion version, IInferenceEngine engine, IAsyncDisposable loaded, ModelFacts facts) =>
        new(new ServedVersion(version.Number, new VersionEngine(cached(engine)), loaded, facts));

    private static string WithoutPaths(string reason, string path)
    {
        var folder = Path.GetDirectoryName(path)!; // A file's path.
        return reason.Replace($"{path}: ", "", StringComparison.Ordinal)
            .Replace($"{folder}/", "", StringComparison.Ordinal)
            .Replace(folder, "its folder", StringComparison.Ordinal);
    }
}
