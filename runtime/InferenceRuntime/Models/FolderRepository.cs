using System.Collections.Frozen;
using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;

namespace InferenceRuntime.Models;

/// <summary>The models of a folder, each in its newest version; a newer one takes its place without losing a request.</summary>
/// <remarks>
/// At most two versions of a model are in memory: none is loaded before the one that was replaced last has drained.
/// </remarks>
/// <param name="folders">Where the models lie.</param>
/// <param name="load">Loads a version.</param>
/// <param name="cached">Puts a version's cache round its engine.</param>
/// <param name="added">Told the name of each model before it answers.</param>
/// <param name="settings">Valid settings to start with.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Where changes are told.</param>
internal sealed partial class FolderRepository(
    ModelFolders folders,
    VersionLoad load,
    Func<IInferenceEngine, IInferenceEngine> cached,
    Action<string> added,
    RuntimeSettings settings,
    TimeProvider clock,
    ILogger<FolderRepository> logger) : IModelRepository, ISettingsTarget, IAsyncDisposable
{
    /// <summary>How long a version that was replaced may be asked for by its number while others are inside.</summary>
    public static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(30);

    private static readonly ModelLookup.UnknownModel Unknown = new();

    private readonly Lock _gate = new();

    // Written under _gate, as is _isDraining.
    private volatile FrozenDictionary<string, RepositoryModel> _models = FrozenDictionary<string, RepositoryModel>.Empty;
    private volatile RuntimeSettings _settings = settings;
    private bool _isDraining;

    /// <inheritdoc/>
    public RuntimeSettings Settings => _settings;

    /// <summary>The models that are known, in order; at most <see cref="ModelFolders.ModelsMax"/>.</summary>
    public IEnumerable<string> Names => _models.Keys.Order(StringComparer.Ordinal);

    /// <summary>The version of each model that answers, in the order of names.</summary>
    public IEnumerable<ServedVersion> Serving =>
        _models.OrderBy(static m => m.Key, StringComparer.Ordinal).Select(static m => m.Value.View.Serving).OfType<ServedVersion>();

    /// <summary>Loads every model, each in the newest version that can be served.</summary>
    /// <returns>Why the repository cannot be served; null when every model is ready.</returns>
    public async Task<string?> StartAsync(CancellationToken cancellationToken)
    {
        FolderReading<string> models;
        try
        {
            models = folders.Models();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        Tell(models.PassedOver);
        foreach (var name in models.Found)
        {
            var model = Add(name)!; // No more than are looked at.
            var versions = folders.Versions(name);
            Tell(versions.PassedOver);
            model.Show(view => view.Listing(versions.Found));
            string? fault = null;
            foreach (var version in versions.Found)
            {
                fault = await LoadAsync(model, name, version, cancellationToken).ConfigureAwait(false);
                if (fault is null)
                {
                    break;
                }
            }

            if (fault is not null)
            {
                return $"{name}: {fault}";
            }
        }

        return models.Found.IsEmpty ? "there is no model in the repository" : null;
    }

    /// <inheritdoc/>
    public ModelLookup Find(string name, string version) => _models.TryGetValue(name, out var model) ? model.View.Find(version) : Unknown;

    /// <inheritdoc/>
    public ImmutableArray<RepositoryEntry> Index() =>
        [.. _models.OrderBy(static m => m.Key, StringComparer.Ordinal).SelectMany(static m => m.Value.View.Entries.Values)];

    /// <inheritdoc/>
    public async ValueTask<RepositoryChange> LoadAsync(string name, CancellationToken cancellationToken)
    {
        var versions = folders.Versions(name);
        Tell(versions.PassedOver);
        if (!_models.TryGetValue(name, out var model))
        {
            if (versions.Found.IsEmpty)
            {
                return new RepositoryChange.UnknownModel();
            }

            if ((model = Add(name)) is null)
            {
                return new RepositoryChange.Refused($"there are {ModelFolders.ModelsMax} models already");
            }
        }

        await model.Changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await model.Retirement.WaitAsync(cancellationToken).ConfigureAwait(false);

            // Read again: it may have waited long.
            versions = folders.Versions(name);
            model.Show(view => view.Listing(versions.Found));
            if (versions.Found.IsEmpty)
            {
                return new RepositoryChange.Refused("no version is in its folder");
            }

            var newest = versions.Found[0];
            return newest.Number == model.View.Serving?.Number || await LoadAsync(model, name, newest, cancellationToken).ConfigureAwait(false) is not { } fault
                ? new RepositoryChange.Done()
                : new RepositoryChange.Refused($"version {newest.Text}: {fault}");
        }
        finally
        {
            model.Changing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<RepositoryChange> UnloadAsync(string name, CancellationToken cancellationToken)
    {
        if (!_models.TryGetValue(name, out var model))
        {
            return new RepositoryChange.UnknownModel();
        }

        await model.Changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (model.View.Serving is { } before)
            {
                model.Show(static view => view.Closed());
                var earlier = model.Retirement;
                model.Retirement = Task.WhenAll(earlier, RetireAsync(model, before, TimeSpan.Zero, "unloaded"));
            }

            await model.Retirement.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new RepositoryChange.Done();
        }
        finally
        {
            model.Changing.Release();
        }
    }

    /// <inheritdoc/>
    public string? Objection(RuntimeSettings settings) =>
        Resident().Select(version => version.Engine.Objection(settings) is { } objection ? $"{version.Engine.Signature.Name}: {objection}" : null)
            .FirstOrDefault(static objection => objection is not null);

    /// <inheritdoc/>
    public void Apply(RuntimeSettings settings)
    {
        lock (_gate)
        {
            _settings = settings;
            foreach (var version in Resident())
            {
                version.Engine.Apply(settings);
            }
        }
    }

    /// <summary>Takes no new work and loads nothing more; complete when everything accepted has been answered.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isDraining = true;
            return Task.WhenAll(Resident().Select(version => version.Engine.DrainAsync(cancellationToken)));
        }
    }

    /// <summary>Stops everything; what still waits is answered as draining.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDraining = true;
        }

        foreach (var model in _models.Values)
        {
            // A change that is under way ends first: it holds what would be disposed.
            await model.Changing.WaitAsync().ConfigureAwait(false);
            foreach (var version in model.View.Resident.Where(version => version == model.View.Serving))
            {
                await version.ReleaseAsync().ConfigureAwait(false);
            }

            await model.Retirement.ConfigureAwait(false);
            model.Dispose();
        }
    }

    private IEnumerable<ServedVersion> Resident() => _models.Values.SelectMany(static model => model.View.Resident);

    private RepositoryModel? Add(string name)
    {
        lock (_gate)
        {
            if (!_models.TryGetValue(name, out var model) && _models.Count < ModelFolders.ModelsMax)
            {
                added(name);
                model = new RepositoryModel(name);
                _models = _models.Append(new(name, model)).ToFrozenDictionary(StringComparer.Ordinal);
            }

            return model;
        }
    }

    /// <summary>Loads a version, lets it serve and retires the one before.</summary>
    /// <returns>Why it does not serve, without a path; null when it does.</returns>
    private async Task<string?> LoadAsync(RepositoryModel model, string name, ModelVersion version, CancellationToken cancellationToken)
    {
        var before = model.View.Entries[version.Number];
        model.Show(view => view.Marked(version.Number, ModelState.Loading, "being loaded"));
        var isDecided = false;
        try
        {
            var fault = await load(name, version, _settings, cancellationToken).ConfigureAwait(false) switch
            {
                ModelLoad.Loaded loaded => await SwitchAsync(model, Version(version, loaded.Engine, loaded.Engine, loaded.Facts)).ConfigureAwait(false),
                ModelLoad.LoadedVariants loaded => await SwitchAsync(model, Version(version, loaded.Engine, loaded.Engine, loaded.Facts)).ConfigureAwait(false),
                ModelLoad.Rejected rejected => WithoutPaths(rejected.Reason, version.Path),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            isDecided = true;
            if (fault is not null)
            {
                model.Show(view => view.Marked(version.Number, ModelState.Unavailable, fault));
                LogRefused(name, version.Number, fault);
            }

            return fault;
        }
        finally
        {
            if (!isDecided)
            {
                model.Show(view => view.Marked(version.Number, before.State, before.Reason));
            }
        }
    }

    private ServedVersion Version(ModelVersion version, IInferenceEngine engine, IAsyncDisposable loaded, ModelFacts facts) =>
        new(version.Number, new VersionEngine(cached(engine)), loaded, facts);

    private async Task<string?> SwitchAsync(RepositoryModel model, ServedVersion next)
    {
        string? fault;
        ServedVersion? before = null;
        lock (_gate)
        {
            // Settings may have changed while it was being loaded.
            fault = _isDraining ? "the server is draining" : next.Engine.Objection(_settings);
            if (fault is null)
            {
                before = model.View.Serving;
                next.Engine.Apply(_settings);
                model.Show(view => view.SwitchedTo(next));
            }
        }

        if (fault is not null)
        {
            await next.ReleaseAsync().ConfigureAwait(false);
            return fault;
        }

        LogServing(model.View.Name, next.Number);
        if (before is not null)
        {
            model.Retirement = RetireAsync(model, before, OpenFor, "another version serves");
        }

        return null;
    }

    private async Task RetireAsync(RepositoryModel model, ServedVersion version, TimeSpan openFor, string reason)
    {
        await version.RetireAsync(openFor, clock).ConfigureAwait(false);
        model.Show(view => view.Without(version, reason));
        LogRetired(model.View.Name, version.Number, reason);
    }

    private static string WithoutPaths(string reason, string path)
    {
        var folder = Path.GetDirectoryName(path)!; // A file's path.
        return reason.Replace($"{path}: ", "", StringComparison.Ordinal)
            .Replace($"{folder}/", "", StringComparison.Ordinal)
            .Replace(folder, "its folder", StringComparison.Ordinal);
    }

    private void Tell(ImmutableArray<string> passedOver)
    {
        foreach (var entry in passedOver)
        {
            LogPassedOver(entry);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model}: version {Version} serves")]
    private partial void LogServing(string model, ulong version);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model}: version {Version} has drained and its memory is given back: {Reason}")]
    private partial void LogRetired(string model, ulong version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Model}: version {Version} is not served: {Reason}")]
    private partial void LogRefused(string model, ulong version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Passed over in the repository: {Entry}")]
    private partial void LogPassedOver(string entry);
}
