using System.Collections.Immutable;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Execution;

/// <summary>A repository of one model in one version, fixed for the life of the process.</summary>
internal sealed class SingleModel(IInferenceEngine engine) : IModelRepository
{
    private static readonly ModelLookup.UnknownModel Unknown = new();

    private readonly ModelLookup.Found _found = new(engine);
    private readonly ModelLookup.UnknownVersion _unknownVersion = new([engine.Signature.Version]);

    public ModelLookup Find(string name, string version)
    {
        if (name != engine.Signature.Name)
        {
            return Unknown;
        }

        return version.Length == 0 || version == engine.Signature.Version ? _found : _unknownVersion;
    }

    public ImmutableArray<RepositoryEntry> Index() =>
        [new(engine.Signature.Name, engine.Signature.Version, ModelState.Ready, "")];

    public ValueTask<RepositoryChange> LoadAsync(string name, CancellationToken cancellationToken) => new(Change(name));

    public ValueTask<RepositoryChange> UnloadAsync(string name, CancellationToken cancellationToken) => new(Change(name));

    private RepositoryChange Change(string name) =>
        name == engine.Signature.Name ? new RepositoryChange.Fixed() : new RepositoryChange.UnknownModel();
}
