using System.Globalization;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Models;

/// <summary>
/// Prepares versions that are announced for later, one after another: their files are read into the page cache at a bounded rate and, where
/// there is memory, they are loaded and warmed, so that a switch to them only changes who answers.
/// </summary>
/// <param name="options">What that may take.</param>
/// <param name="loader">Loads a version.</param>
/// <param name="settings">Gives the settings in force.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Where each step is told.</param>
internal sealed partial class Announcements(
    AheadOptions options, VersionLoader loader, Func<RuntimeSettings> settings, TimeProvider clock, ILogger logger) : IDisposable
{
    private readonly AnnouncedBudget _budget = new(options);
    private readonly ReadAhead _reading = new(options.BytesPerSecond, clock);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Bytes that announced versions take.</summary>
    public long Bytes => _budget.Taken;

    /// <summary>Begins to prepare a version when its time is near.</summary>
    /// <param name="model">The model; its <see cref="RepositoryModel.Changing"/> is held.</param>
    /// <param name="version">The version.</param>
    public Announcement Begin(RepositoryModel model, ModelVersion version)
    {
        var announcement = new Announcement(version, _budget);
        Show(model, announcement, AnnouncedStage.Waiting, "waiting");
        announcement.Prepared = PrepareAsync(model, announcement, model.Retirement);
        return announcement;
    }

    /// <summary>Nothing is being prepared any more.</summary>
    public void Dispose() => _turn.Dispose();

    private async Task<ServedVersion?> PrepareAsync(RepositoryModel model, Announcement announcement, Task earlier)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var files = ReadAhead.Files(announcement.Version);
            var bytes = files.Sum(static file => file.Bytes);
            if (announcement.Version.ServesFrom != DateTimeOffset.MaxValue)
            {
                await WallClock.UntilAsync(announcement.Version.ServesFrom - options.Lead(bytes), clock, announcement.Waiting).ConfigureAwait(false);
            }

            // No more than two versions of a model are in memory.
            await earlier.WaitAsync(announcement.Waiting).ConfigureAwait(false);
            await _turn.WaitAsync(announcement.Waiting).ConfigureAwait(false);
            try
            {
                return await PrepareAsync(model, announcement, files, bytes).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(model.View.Name, announcement.Version.Number, e.Message);
            Show(model, announcement, AnnouncedStage.Unprepared, "its files cannot be read");
            return null;
        }
    }

    private async Task<ServedVersion?> PrepareAsync(
        RepositoryModel model, Announcement announcement, IReadOnlyList<(string Path, long Bytes)> files, long bytes)
    {
        var plan = _budget.Take(bytes, out var held);
        announcement.Held = held;
        if (plan == AheadPlan.Nothing)
        {
            Show(model, announcement, AnnouncedStage.Unprepared, "not prepared for lack of memory");
            return null;
        }

        Show(model, announcement, AnnouncedStage.Reading, string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes are being read"));
        await _reading.ReadAsync(files, announcement.Waiting).ConfigureAwait(false);
        if (plan == AheadPlan.Read || !_budget.HasMemoryFor(bytes))
        {
            Show(model, announcement, AnnouncedStage.Read, "its files were read; there is no memory to load it");
            return null;
        }

        announcement.Waiting.ThrowIfCancellationRequested();
        Show(model, announcement, AnnouncedStage.Loading, "being loaded");
        switch (await loader.LoadAsync(model.View.Name, announcement.Version, settings(), announcement.Loading).ConfigureAwait(false))
        {
            case LoadedVersion.Warm warm:
                Show(model, announcement, AnnouncedStage.Loaded, "loaded");
                return warm.Version;
            case LoadedVersion.Rejected rejected:
                Show(model, announcement, AnnouncedStage.Unprepared, rejected.Reason);
                return null;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Show(RepositoryModel model, Announcement announcement, AnnouncedStage stage, string text)
    {
        var version = announcement.Version;
        announcement.Stage = stage;
        model.Show(view => view.Marked(
            version.Number, stage == AnnouncedStage.Loading ? ModelState.Loading : ModelState.Unavailable, $"{version.Announcement}: {text}"));
        LogStage(model.View.Name, version.Number, version.Announcement, text);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model}: version {Version} is {Announcement}: {Stage}")]
    private partial void LogStage(string model, ulong version, string announcement, string stage);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Model}: version {Version} cannot be read ahead: {Reason}")]
    private partial void LogUnreadable(string model, ulong version, string reason);
}
