using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Models;
using InferenceRuntime.Tests.Execution;

namespace InferenceRuntime.Tests.Models;

public sealed class AnnouncedVersionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly AheadOptions Room = new() { Free = static () => 1L << 40 };

    private readonly RepositoryFiles _files = new();
    private readonly SimulatedVersions _versions = new();

    public void Dispose() => _files.Dispose();

    /// <summary>A repository that serves version 1 of model "a"; the clock says midnight.</summary>
    private async Task<FolderRepository> StartAsync(AheadOptions? ahead = null)
    {
        _files.Write("a", "1");
        var repository = _versions.Repository(_files, ahead ?? Room);
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        return repository;
    }

    private static Task<RepositoryChange> LoadAsync(FolderRepository repository) => repository.LoadAsync("a", CancellationToken.None).AsTask().WaitAsync(Patience);

    private static Task<ServedVersion?> PreparedAsync(FolderRepository repository) => Assert.Single(repository.Announced).Announcement.Prepared.WaitAsync(Patience);

    private static string Serving(FolderRepository repository) => string.Join(' ', repository.Serving.Select(static v => v.Text));

    private static string Stages(FolderRepository repository) =>
        string.Join(' ', AnnouncedStages.All.Zip(repository.AnnouncedByStage, static (stage, count) => (stage, count)).Where(static s => s.count > 0).Select(static s => $"{s.count} {s.stage}"));

    // What the clock sets off goes on on the pool.
    private static async Task SoonAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    // Who read the clock before it was moved and armed its timer afterwards looks again after the time that it promises, and no later.
    private async Task PassAsync(TimeSpan duration, Func<bool> holds)
    {
        _versions.Clock.Advance(duration);
        for (var late = TimeSpan.Zero; late <= WallClock.LookAgain && !holds(); late += TimeSpan.FromSeconds(1))
        {
            for (var turns = 0; turns < 100 && !holds(); turns++)
            {
                await Task.Yield();
            }

            if (!holds())
            {
                _versions.Clock.Advance(TimeSpan.FromSeconds(1));
            }
        }

        await SoonAsync(holds);
    }

    [Fact]
    public async Task A_version_that_is_announced_is_loaded_ahead_and_does_not_serve()
    {
        await using var repository = await StartAsync();
        _files.Write("a", "2", serveFrom: "");

        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository));
        await PreparedAsync(repository);

        Assert.Equal("1", Serving(repository));
        Assert.Equal("a 1 Ready, a 2 Unavailable announced: loaded", SimulatedVersions.Index(repository));
        Assert.Equal(["1"], Assert.IsType<ModelLookup.UnknownVersion>(repository.Find("a", "2")).Versions.ToArray());
        Assert.Equal(("1 loaded", AheadOptions.LoadBytes(1)), (Stages(repository), repository.AnnouncedBytes));
        Assert.Equal(["a 1", "a 2"], _versions.Loads);
    }

    [Fact]
    public async Task A_switch_to_a_version_that_was_loaded_ahead_creates_no_session_and_frees_the_room()
    {
        await using var repository = await StartAsync();
        var path = _files.Write("a", "2", serveFrom: "");
        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository));
        await PreparedAsync(repository);
        var settings = new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 7 } };
        repository.Apply(settings);

        File.Delete(Path.Combine(Path.GetDirectoryName(path)!, ServeFrom.FileName));
        _versions.Gate = Task.FromException(new InvalidOperationException("a load"));
        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository));

        Assert.Equal("2", Serving(repository));
        Assert.Equal(["a 1", "a 2"], _versions.Loads);
        Assert.Equal(("", 0), (Stages(repository), repository.AnnouncedBytes));
        var engine = Assert.IsType<ModelLookup.Found>(repository.Find("a", "")).Engine;
        Assert.Equal(7, engine.Settings.Batching.MaxSize);
        _versions.Instances["a 2"].LetThrough();
        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(SimulatedEngine.Send(engine, SimulatedEngine.Request(1)))).Release?.Invoke();
    }

    [Fact]
    public async Task A_version_is_prepared_shortly_before_its_time_and_serves_when_it_has_come_without_being_asked()
    {
        await using var repository = await StartAsync();
        _files.Write("a", "2", serveFrom: "2030-01-01T12:00:00+02:00");
        var lead = Room.Lead(1 + "2030-01-01T12:00:00+02:00".Length);
        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository));
        Assert.Equal("a 1 Ready, a 2 Unavailable announced for 2030-01-01T10:00:00Z: waiting", SimulatedVersions.Index(repository));

        _versions.Clock.Advance(TimeSpan.FromHours(10) - lead - TimeSpan.FromSeconds(1));
        Assert.Equal(["a 1"], _versions.Loads);
        await PassAsync(TimeSpan.FromSeconds(1), () => Stages(repository) == "1 loaded");
        var time = new DateTimeOffset(2030, 1, 1, 10, 0, 0, TimeSpan.Zero);
        _versions.Clock.Advance(time - _versions.Clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.Equal("1", Serving(repository));

        await PassAsync(TimeSpan.FromSeconds(1), () => Serving(repository) == "2");
        Assert.Equal(["a 1", "a 2"], _versions.Loads);
    }

    [Fact]
    public async Task At_the_start_what_is_announced_does_not_serve_and_a_model_that_has_nothing_else_is_not_ready()
    {
        _files.Write("b", "1");
        _files.Write("b", "2", serveFrom: "2030-01-02T00:00:00Z");
        _files.Write("c", "1", serveFrom: "2030-01-02T00:00:00Z");
        await using var repository = await StartAsync();

        Assert.Equal(["a", "b"], repository.Serving.Select(static v => v.Engine.Signature.Name));
        Assert.Equal("model c: announced for 2030-01-02T00:00:00Z: waiting", Assert.IsType<ModelLookup.NotReady>(repository.Find("c", "")).Reason);
        Assert.Equal(
            "version 1 is announced for 2030-01-02T00:00:00Z",
            Assert.IsType<RepositoryChange.Refused>(await repository.LoadAsync("c", CancellationToken.None)).Reason);

        await PassAsync(TimeSpan.FromHours(24), () => Serving(repository) == "1 2 1");
        Assert.Equal(["a 1", "b 1", "b 2", "c 1"], _versions.Loads.Order());
    }

    [Fact]
    public async Task Of_several_the_one_whose_time_comes_first_is_prepared_and_then_the_next()
    {
        await using var repository = await StartAsync();
        _files.Write("a", "2", serveFrom: "2030-01-01T01:00:00Z");
        _files.Write("a", "3", serveFrom: "2030-01-01T02:00:00Z");
        await LoadAsync(repository);

        Assert.Equal(2UL, Assert.Single(repository.Announced).Announcement.Version.Number);
        await PassAsync(TimeSpan.FromHours(1), () => repository.Announced.Any(static a => a.Announcement.Version.Number == 3));
        Assert.Equal("2", Serving(repository));
        await PassAsync(TimeSpan.FromHours(1), () => Serving(repository) == "3");
        Assert.True(_versions.Instances["a 1"].IsDisposed);
    }

    [Theory]
    [InlineData(1L << 40, 40L << 20, "announced: its files were read; there is no memory to load it", "1 read")]
    [InlineData(20L << 20, 1L << 40, "announced: its files were read; there is no memory to load it", "1 read")]
    [InlineData(1L << 40, 0, "announced: not prepared for lack of memory", "1 unprepared")]
    [InlineData(0, 1L << 40, "announced: not prepared for lack of memory", "1 unprepared")]
    public async Task With_little_memory_only_the_files_are_read_and_with_less_nothing(long most, long free, string reason, string stages)
    {
        await using var repository = await StartAsync(new AheadOptions { BytesMax = most, Free = () => free });
        var path = _files.Write("a", "2", serveFrom: "");
        await LoadAsync(repository);
        await PreparedAsync(repository);

        Assert.Equal($"a 1 Ready, a 2 Unavailable {reason}", SimulatedVersions.Index(repository));
        Assert.Equal(stages, Stages(repository));
        Assert.Equal(["a 1"], _versions.Loads);

        // It serves when it is told to, loaded then.
        File.Delete(Path.Combine(Path.GetDirectoryName(path)!, ServeFrom.FileName));
        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository));
        Assert.Equal("2", Serving(repository));
        Assert.Equal(0, repository.AnnouncedBytes);
    }

    [Fact]
    public async Task A_load_that_comes_while_the_version_is_being_loaded_ahead_waits_for_that_load()
    {
        await using var repository = await StartAsync();
        var gate = new TaskCompletionSource();
        _versions.Gate = gate.Task;
        var path = _files.Write("a", "2", serveFrom: "");
        await LoadAsync(repository);
        await SoonAsync(() => Stages(repository) == "1 loading");
        Assert.Equal("a 1 Ready, a 2 Loading announced: being loaded", SimulatedVersions.Index(repository));
        File.Delete(Path.Combine(Path.GetDirectoryName(path)!, ServeFrom.FileName));

        var load = repository.LoadAsync("a", CancellationToken.None).AsTask();
        gate.SetResult();

        Assert.IsType<RepositoryChange.Done>(await load.WaitAsync(Patience));
        Assert.Equal("2", Serving(repository));
        Assert.Equal(["a 1", "a 2"], _versions.Loads);
    }

    [Fact]
    public async Task What_is_announced_no_more_is_given_up_and_its_memory_is_given_back()
    {
        await using var repository = await StartAsync();
        var path = _files.Write("a", "2", serveFrom: "");
        await LoadAsync(repository);
        await PreparedAsync(repository);

        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository));

        Assert.True(_versions.Instances["a 2"].IsDisposed);
        Assert.Equal(("a 1 Ready", "", 0), (SimulatedVersions.Index(repository), Stages(repository), repository.AnnouncedBytes));
    }

    [Fact]
    public async Task An_unload_gives_up_what_is_announced_and_its_time_passes_without_it()
    {
        await using var repository = await StartAsync();
        _files.Write("a", "2", serveFrom: "2030-01-01T01:00:00Z");
        await LoadAsync(repository);
        var gate = new TaskCompletionSource();
        _versions.Gate = gate.Task;
        await PassAsync(TimeSpan.FromMinutes(58.5), () => _versions.Loads.Count == 2);

        Assert.IsType<RepositoryChange.Done>(await repository.UnloadAsync("a", CancellationToken.None).AsTask().WaitAsync(Patience));

        _versions.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal("a 1 Unavailable unloaded, a 2 Unavailable not loaded", SimulatedVersions.Index(repository));
        Assert.Equal(["a 1", "a 2"], _versions.Loads);
        gate.SetResult();
    }

    [Fact]
    public async Task A_version_that_cannot_be_loaded_ahead_says_why_and_is_tried_once_more_when_its_time_has_come()
    {
        await using var repository = await StartAsync();
        _versions.Damaged["a 2"] = "it is truncated";
        _files.Write("a", "2", serveFrom: "2030-01-01T01:00:00Z");
        await LoadAsync(repository);
        await PassAsync(TimeSpan.FromMinutes(58.5), () => Stages(repository) == "1 unprepared");
        Assert.Equal("a 1 Ready, a 2 Unavailable announced for 2030-01-01T01:00:00Z: it is truncated in weights", SimulatedVersions.Index(repository));

        await PassAsync(TimeSpan.FromMinutes(1.5), () => SimulatedVersions.Index(repository).EndsWith("Unavailable it is truncated in weights", StringComparison.Ordinal));

        Assert.Equal("a 1 Ready, a 2 Unavailable it is truncated in weights", SimulatedVersions.Index(repository));
        Assert.Equal(["a 1", "a 2", "a 2"], _versions.Loads);
    }

    [Fact]
    public async Task A_repository_that_closes_gives_up_what_is_announced()
    {
        var repository = await StartAsync();
        _files.Write("a", "2", serveFrom: "");
        await LoadAsync(repository);
        await PreparedAsync(repository);

        await repository.DisposeAsync().AsTask().WaitAsync(Patience);

        Assert.True(_versions.Instances["a 2"].IsDisposed);
    }
}
