using System.Collections.Immutable;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Models;

/// <summary>Changes which version of a model serves. Callers hold the model's <see cref="RepositoryModel.Changing"/>.</summary>
/// <param name="folders">Where the models lie.</param>
/// <param name="loader">Loads a version.</param>
/// <param name="announcements">Prepares versions that are not due yet.</param>
/// <param name="announced">Told when what is announced has changed.</param>
/// <param name="conditions">What holds for all models.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Where changes are told.</param>
internal sealed partial class VersionChanges(
    ModelFolders folders,
    VersionLoader loader,
    Announcements announcements,
    Action announced,
    RepositoryConditions conditions,
    TimeProvider clock,
    ILogger logger)
{
    /// <summary>Has the newest version serve that is due and can, and announces the next.</summary>
    /// <param name="model">The model.</param>
    /// <param name="versions">Its versions, the newest first.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Why the model cannot be served; null when it is, or is announced for later.</returns>
    public async Task<string?> StartAsync(RepositoryModel model, ImmutableArray<ModelVersion> versions, CancellationToken cancellationToken)
    {
        model.Show(view => view.Listing(versions));
        string? fault = null;
        foreach (var version in versions.Where(version => version.IsDue(clock.GetUtcNow())))
        {
            fault = await LoadAsync(model, version, cancellationToken).ConfigureAwait(false);
            if (fault is null)
            {
                break;
            }
        }

        if (fault is null)
        {
            Announce(model, ModelVersion.Announced(versions, clock.GetUtcNow()));
        }

        return fault;
    }

    /// <summary>Has the newest version that is due serve and announces the next.</summary>
    public async Task<RepositoryChange> ChangeAsync(RepositoryModel model, CancellationToken cancellationToken)
    {
        var (versions, now) = (folders.Versions(model.View.Name).Found, clock.GetUtcNow());
        var (newest, next) = (ModelVersion.Newest(versions, now), ModelVersion.Announced(versions, now));
        ServedVersion? prepared = null;
        if (model.Announced is { } announcement && announcement.Version != next)
        {
            if (newest is not null && announcement.Version.IsSame(newest))
            {
                prepared = await announcement.TakeAsync(cancellationToken).ConfigureAwait(false);
                model.Announced = null;
            }
            else
            {
                await GiveUpAsync(model).ConfigureAwait(false);
            }
        }

        model.Show(view => view.Listing(versions));
        string? fault;
        try
        {
            fault = newest is null || newest.Number == model.View.Serving?.Number ? null
                : prepared is not null ? await SwitchAsync(model, prepared).ConfigureAwait(false)
                : await LoadAsync(model, newest, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Announce(model, next);
        }

        return fault is not null ? new RepositoryChange.Refused($"version {newest!.Text}: {fault}") // A fault is the newest version's.
            : newest is not null ? new RepositoryChange.Done()
            : new RepositoryChange.Refused(next is null ? "no version is in its folder" : $"version {next.Text} is {next.Announcement}");
    }

    /// <summary>Takes the version that serves out; it has closed at once.</summary>
    public void Unload(RepositoryModel model)
    {
        if (model.View.Serving is { } before)
        {
            model.Show(static view => view.Closed());
            var earlier = model.Retirement;
            model.Retirement = Task.WhenAll(earlier, RetireAsync(model, before, TimeSpan.Zero, "unloaded"));
        }
    }

    /// <summary>Gives up what is announced, and the memory for it.</summary>
    public static async Task GiveUpAsync(RepositoryModel model)
    {
        if (model.Announced is { } announcement)
        {
            await announcement.GiveUpAsync().ConfigureAwait(false);
            model.Announced = null;
            model.Show(view => view.Marked(announcement.Version.Number, ModelState.Unavailable, "not loaded"));
        }
    }

    private void Announce(RepositoryModel model, ModelVersion? next)
    {
        if (conditions.IsDraining || model.Announced?.Version == next)
        {
            return;
        }

        model.Announced = next is null ? null : announcements.Begin(model, next);
        announced();
    }

    /// <summary>Loads a version, lets it serve and retires the one before.</summary>
    /// <returns>Why it does not serve, without a path; null when it does.</returns>
    private async Task<string?> LoadAsync(RepositoryModel model, ModelVersion version, CancellationToken cancellationToken)
    {
        var before = model.View.Entries[version.Number];
        model.Show(view => view.Marked(version.Number, ModelState.Loading, "being loaded"));
        var isDecided = false;
        try
        {
            var fault = await loader.LoadAsync(model.View.Name, version, conditions.Settings, cancellationToken).ConfigureAwait(false) switch
            {
                LoadedVersion.Warm warm => await SwitchAsync(model, warm.Version).ConfigureAwait(false),
                LoadedVersion.Rejected rejected => Refused(model, version.Number, rejected.Reason),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
            isDecided = true;
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

    private string Refused(RepositoryModel model, ulong version, string reason)
    {
        model.Show(view => view.Marked(version, ModelState.Unavailable, reason));
        LogRefused(model.View.Name, version, reason);
        return reason;
    }

    private async Task<string?> SwitchAsync(RepositoryModel model, ServedVersion next)
    {
        string? fault;
        ServedVersion? before = null;
        lock (conditions.Gate)
        {
            // Settings may have changed while it was being loaded.
            fault = conditions.IsDraining ? "the server is draining" : next.Engine.Objection(conditions.Settings);
            if (fault is null)
            {
                before = model.View.Serving;
                next.Engine.Apply(conditions.Settings);
                model.Show(view => view.SwitchedTo(next));
            }
        }

        if (fault is not null)
        {
            await next.ReleaseAsync().ConfigureAwait(false);
            return Refused(model, next.Number, fault);
        }

        LogServing(model.View.Name, next.Number);
        if (before is not null)
        {
            model.Retirement = RetireAsync(model, before, FolderRepository.OpenFor, "another version serves");
        }

        return null;
    }

    private async Task RetireAsync(RepositoryModel model, ServedVersion version, TimeSpan openFor, string reason)
    {
        await version.RetireAsync(openFor, clock).ConfigureAwait(false);
        model.Show(view => view.Without(version, reason));
        LogRetired(model.View.Name, version.Number, reason);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model}: version {Version} serves")]
    private partial void LogServing(string model, ulong version);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model}: version {Version} has drained and its memory is given back: {Reason}")]
    private partial void LogRetired(string model, ulong version, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Model}: version {Version} is not served: {Reason}")]
    private partial void LogRefused(string model, ulong version, string reason);
}
