using System.Collections.Frozen;
using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Models;

/// <summary>The models of a folder, each in its newest version that is due; a newer one takes its place without losing a request.</summary>
/// <remarks>
/// At most two versions of a model are in memory: none is loaded before the one that was replaced last has drained. One that is announced for
/// later is prepared ahead and serves when its time has come.
/// </remarks>
internal sealed partial class FolderRepository : IModelRepository, ISettingsTarget, IAsyncDisposable
{
    /// <summary>How long a version that was replaced may be asked for by its number while others are inside.</summary>
    public static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(30);

    private static readonly ModelLookup.UnknownModel Unknown = new();

    private readonly ModelFolders _folders;
    private readonly Action<string> _added;
    private readonly ILogger<FolderRepository> _logger;
    private readonly Announcements _announcements;
    private readonly AnnouncedCalendar _calendar;
    private readonly CancellationTokenSource _end = new();
    private readonly RepositoryConditions _conditions;
    private readonly VersionChanges _changes;

    // Written under the conditions' gate.
    private volatile FrozenDictionary<string, RepositoryModel> _models = FrozenDictionary<string, RepositoryModel>.Empty;
    private Task _calendarKept = Task.CompletedTask;

    /// <param name="folders">Where the models lie.</param>
    /// <param name="loader">Loads a version.</param>
    /// <param name="ahead">What versions announced for later may take before they serve.</param>
    /// <param name="added">Told the name of each model before it answers.</param>
    /// <param name="settings">Valid settings to start with.</param>
    /// <param name="clock">Time.</param>
    /// <param name="logger">Where changes are told.</param>
    public FolderRepository(
        ModelFolders folders, VersionLoader loader, AheadOptions ahead, Action<string> added, RuntimeSettings settings, TimeProvider clock, ILogger<FolderRepository> logger)
    {
        _folders = folders;
        _added = added;
        _conditions = new RepositoryConditions(settings);
        _logger = logger;
        _announcements = new Announcements(ahead, loader, () => _conditions.Settings, clock, logger);
        _calendar = new AnnouncedCalendar(
            () => Announced.Select(static entry => (entry.Model, entry.Announcement.Version.ServesFrom)),
            async (model, cancellationToken) => await LoadAsync(model, cancellationToken).ConfigureAwait(false),
            clock);
        _changes = new VersionChanges(folders, loader, _announcements, _calendar.Change, _conditions, clock, logger);
    }

    /// <inheritdoc/>
    public RuntimeSettings Settings => _conditions.Settings;

    /// <summary>The models that are known, in order; at most <see cref="ModelFolders.ModelsMax"/>.</summary>
    public IEnumerable<string> Names => _models.Keys.Order(StringComparer.Ordinal);

    /// <summary>The version of each model that answers, in the order of names.</summary>
    public IEnumerable<ServedVersion> Serving =>
        _models.OrderBy(static m => m.Key, StringComparer.Ordinal).Select(static m => m.Value.View.Serving).OfType<ServedVersion>();

    /// <summary>The versions that are announced for later, at most one of each model.</summary>
    public IEnumerable<(string Model, Announcement Announcement)> Announced =>
        _models.Values.Select(static model => (model.View.Name, model.Announced!)).Where(static entry => entry.Item2 is not null);

    /// <summary>How many of them there are in each stage, by its place in <see cref="AnnouncedStages.All"/>.</summary>
    public ImmutableArray<int> AnnouncedByStage
    {
        get
        {
            var counts = new int[AnnouncedStages.All.Count];
            foreach (var (_, announcement) in Announced)
            {
                counts[(int)announcement.Stage]++;
            }

            return [.. counts];
        }
    }

    /// <summary>Bytes that announced versions take before they serve.</summary>
    public long AnnouncedBytes => _announcements.Bytes;

    /// <summary>Loads every model, each in the newest version that can be served.</summary>
    /// <returns>Why the repository cannot be served; null when every model is ready.</returns>
    public async Task<string?> StartAsync(CancellationToken cancellationToken)
    {
        FolderReading<string> models;
        try
        {
            models = _folders.Models();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        Tell(models.PassedOver);
        foreach (var name in models.Found)
        {
            var versions = _folders.Versions(name);
            Tell(versions.PassedOver);
            if (await _changes.StartAsync(Add(name)!, versions.Found, cancellationToken).ConfigureAwait(false) is { } fault) // No more than are looked at.
            {
                return $"{name}: {fault}";
            }
        }

        _calendarKept = _calendar.KeepAsync(_end.Token);
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
        var versions = _folders.Versions(name);
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

            return await _changes.ChangeAsync(model, cancellationToken).ConfigureAwait(false);
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
            await VersionChanges.GiveUpAsync(model).ConfigureAwait(false);
            _changes.Unload(model);
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
        lock (_conditions.Gate)
        {
            _conditions.Settings = settings;
            foreach (var version in Resident())
            {
                version.Engine.Apply(settings);
            }
        }
    }

    /// <summary>Takes no new work and loads nothing more; complete when everything accepted has been answered.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_conditions.Gate)
        {
            _conditions.IsDraining = true;
            return Task.WhenAll(Resident().Select(version => version.Engine.DrainAsync(cancellationToken)));
        }
    }

    /// <summary>Stops everything; what still waits is answered as draining.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_conditions.Gate)
        {
            _conditions.IsDraining = true;
        }

        await _end.CancelAsync().ConfigureAwait(false);
        await _calendarKept.ConfigureAwait(false);
        foreach (var model in _models.Values)
        {
            // A change that is under way ends first: it holds what would be disposed.
            await model.Changing.WaitAsync().ConfigureAwait(false);
            await VersionChanges.GiveUpAsync(model).ConfigureAwait(false);
            foreach (var version in model.View.Resident.Where(version => version == model.View.Serving))
            {
                await version.ReleaseAsync().ConfigureAwait(false);
            }

            await model.Retirement.ConfigureAwait(false);
            model.Dispose();
        }

        _announcements.Dispose();
        _end.Dispose();
    }

    private IEnumerable<ServedVersion> Resident() => _models.Values.SelectMany(static model => model.View.Resident);

    private RepositoryModel? Add(string name)
    {
        lock (_conditions.Gate)
        {
            if (!_models.TryGetValue(name, out var model) && _models.Count < ModelFolders.ModelsMax)
            {
                _added(name);
                model = new RepositoryModel(name);
                _models = _models.Append(new(name, model)).ToFrozenDictionary(StringComparer.Ordinal);
            }

            return model;
        }
    }

    private void Tell(ImmutableArray<string> passedOver)
    {
        foreach (var entry in passedOver)
        {
            LogPassedOver(entry);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Passed over in the repository: {Entry}")]
    private partial void LogPassedOver(string entry);
}
