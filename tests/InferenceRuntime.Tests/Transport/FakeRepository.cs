using System.Collections.Immutable;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Tests.Transport;

/// <summary>A repository that obeys the contract: versions of models that are loaded and unloaded at once.</summary>
internal sealed class FakeRepository : IModelRepository
{
    private readonly SortedDictionary<string, ImmutableSortedDictionary<int, ModelLookup>> _models = new(StringComparer.Ordinal);

    /// <summary>What the next load or unload answers, in place of doing it.</summary>
    public RepositoryChange? Answer { get; set; }

    /// <summary>Adds a version that answers, or that does not when there is no engine.</summary>
    public void Add(string name, int version, EchoEngine? engine) =>
        _models[name] = _models.GetValueOrDefault(name, ImmutableSortedDictionary<int, ModelLookup>.Empty)
            .SetItem(version, engine is null ? new ModelLookup.NotReady($"version {version} is being loaded") : new ModelLookup.Found(engine));

    public ModelLookup Find(string name, string version)
    {
        if (!_models.TryGetValue(name, out var versions))
        {
            return new ModelLookup.UnknownModel();
        }

        if (version.Length == 0)
        {
            return versions.Values.LastOrDefault(static v => v is ModelLookup.Found) ?? versions.Values.Last();
        }

        return int.TryParse(version, out var number) && versions.TryGetValue(number, out var found)
            ? found
            : new ModelLookup.UnknownVersion([.. versions.Keys.Select(static k => $"{k}")]);
    }

    public ImmutableArray<RepositoryEntry> Index() =>
    [
        .. _models.SelectMany(static m => m.Value.Select(v => v.Value is ModelLookup.NotReady notReady
            ? new RepositoryEntry(m.Key, $"{v.Key}", ModelState.Loading, notReady.Reason)
            : new RepositoryEntry(m.Key, $"{v.Key}", ModelState.Ready, ""))),
    ];

    public ValueTask<RepositoryChange> LoadAsync(string name, CancellationToken cancellationToken) =>
        new(Answer ?? (_models.ContainsKey(name) ? new RepositoryChange.Done() : new RepositoryChange.UnknownModel()));

    public ValueTask<RepositoryChange> UnloadAsync(string name, CancellationToken cancellationToken) =>
        new(Answer ?? (_models.Remove(name) ? new RepositoryChange.Done() : new RepositoryChange.UnknownModel()));
}
