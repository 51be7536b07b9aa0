using System.Collections.Immutable;

namespace InferenceRuntime.Core.Serving;

/// <summary>The models that a process knows, by name and version. All members are thread safe.</summary>
public interface IModelRepository
{
    /// <summary>Who answers for a model. Allocates nothing when the model is found.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="version">A version, or empty for the newest that is ready.</param>
    ModelLookup Find(string name, string version);

    /// <summary>Every version of every model, in the order of names and then of versions.</summary>
    ImmutableArray<RepositoryEntry> Index();

    /// <summary>Loads a model, or its newest version beside those that serve; complete when it is ready or was refused.</summary>
    ValueTask<RepositoryChange> LoadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Takes a model out: no new requests, those inside are answered, its memory is given back.</summary>
    ValueTask<RepositoryChange> UnloadAsync(string name, CancellationToken cancellationToken);
}
