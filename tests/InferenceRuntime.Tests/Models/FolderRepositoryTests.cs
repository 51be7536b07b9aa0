using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Models;
using InferenceRuntime.Tests.Execution;

namespace InferenceRuntime.Tests.Models;

public sealed class FolderRepositoryTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RepositoryFiles _files = new();
    private readonly SimulatedVersions _versions = new();
    private readonly List<string> _added = [];

    public void Dispose() => _files.Dispose();

    private FolderRepository Repository() => _versions.Repository(_files, added: _added.Add);

    private static IInferenceEngine Engine(FolderRepository repository, string name, string version = "") =>
        Assert.IsType<ModelLookup.Found>(repository.Find(name, version)).Engine;

    private static Task<RepositoryChange> LoadAsync(FolderRepository repository, string name) =>
        repository.LoadAsync(name, CancellationToken.None).AsTask().WaitAsync(Patience);

    private async Task AnswerAsync(string version, Task<InferenceOutcome> request)
    {
        _versions.Instances[version].LetThrough();
        Assert.IsType<InferenceOutcome.Answered>(await SimulatedEngine.Soon(request)).Release?.Invoke();
    }

    [Fact]
    public async Task At_the_start_the_newest_version_of_every_model_that_can_be_served_is_loaded()
    {
        _files.Write("a", "1");
        _files.Write("a", "2");
        _files.Write("b", "5");
        _versions.Damaged["a 2"] = "it is truncated";
        await using var repository = Repository();

        Assert.Null(await repository.StartAsync(CancellationToken.None));

        Assert.Equal("a 1 Ready, a 2 Unavailable it is truncated in weights, b 5 Ready", SimulatedVersions.Index(repository));
        Assert.Equal(("1", "5"), (Engine(repository, "a").Signature.Version, Engine(repository, "b", "5").Signature.Version));
        Assert.Equal(["a", "b"], _added);
        Assert.IsType<ModelLookup.UnknownModel>(repository.Find("c", ""));
        Assert.Equal(["1"], Assert.IsType<ModelLookup.UnknownVersion>(repository.Find("a", "2")).Versions.ToArray());
    }

    [Fact]
    public async Task A_model_of_which_no_version_can_be_served_and_an_empty_folder_are_refused_at_the_start()
    {
        await using var empty = Repository();
        Assert.Equal("there is no model in the repository", await empty.StartAsync(CancellationToken.None));

        _files.Write("a", "1");
        _versions.Damaged["a 1"] = "it is empty";
        await using var repository = Repository();
        Assert.Equal("a: it is empty in weights", await repository.StartAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_version_that_was_replaced_answers_by_its_number_while_somebody_is_inside_and_is_then_unknown()
    {
        _files.Write("a", "1");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        var found = Engine(repository, "a");
        var inside = SimulatedEngine.Send(found, SimulatedEngine.Request(1));
        await _versions.Instances["a 1"].RunBegins();
        _files.Write("a", "2");

        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository, "a"));

        Assert.Equal("2", Engine(repository, "a").Signature.Version);
        Assert.Equal("a 1 Unloading a switch to another version, a 2 Ready", SimulatedVersions.Index(repository));
        var late = SimulatedEngine.Send(Engine(repository, "a", "1"), SimulatedEngine.Request(2));
        await AnswerAsync("a 1", inside);
        Assert.Same(found, Engine(repository, "a", "1"));
        await AnswerAsync("a 1", late);

        // The next load waits until the version has gone.
        _files.Write("a", "3");
        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository, "a"));
        Assert.True(_versions.Instances["a 1"].IsDisposed);
        Assert.IsType<InferenceOutcome.Draining>(await SimulatedEngine.Send(found, SimulatedEngine.Request(3)));
        Assert.IsType<ModelLookup.UnknownVersion>(repository.Find("a", "1"));
        Assert.Equal((2, 2), (_versions.Instances["a 1"].Lent, _versions.Instances["a 1"].Released));
    }

    [Fact]
    public async Task A_version_that_was_replaced_takes_nobody_more_when_its_time_is_up_and_answers_who_is_inside()
    {
        _files.Write("a", "1");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        var found = Engine(repository, "a");
        var inside = SimulatedEngine.Send(found, SimulatedEngine.Request(1));
        await _versions.Instances["a 1"].RunBegins();
        _files.Write("a", "2");
        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository, "a"));

        _versions.Clock.Advance(FolderRepository.OpenFor);

        Assert.IsType<InferenceOutcome.Draining>(await RefusedSoonAsync(found));
        Assert.False(inside.IsCompleted);
        await AnswerAsync("a 1", inside);
    }

    // The version closes on the pool. A request that was given up before it came enters and leaves at once, so that none waits behind the gate.
    private static async Task<InferenceOutcome> RefusedSoonAsync(IInferenceEngine engine)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (true)
        {
            var outcome = await SimulatedEngine.Send(engine, SimulatedEngine.Request(1), new CancellationToken(canceled: true));
            if (outcome is not InferenceOutcome.Cancelled)
            {
                return outcome;
            }

            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_load_that_fails_leaves_what_serves_and_names_no_path()
    {
        _files.Write("a", "1");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        _files.Write("a", "2");
        _versions.Damaged["a 2"] = "it is truncated";

        var refused = Assert.IsType<RepositoryChange.Refused>(await LoadAsync(repository, "a"));

        Assert.Equal("version 2: it is truncated in weights", refused.Reason);
        Assert.Equal("a 1 Ready, a 2 Unavailable it is truncated in weights", SimulatedVersions.Index(repository));
        Assert.Equal("1", Engine(repository, "a").Signature.Version);
        Assert.IsType<RepositoryChange.UnknownModel>(await LoadAsync(repository, "b"));
        Assert.IsType<RepositoryChange.UnknownModel>(await LoadAsync(repository, "../a"));
    }

    [Fact]
    public async Task A_version_that_was_taken_out_of_the_folder_is_rolled_back_by_a_load()
    {
        _files.Write("a", "1");
        _files.Write("a", "2");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        Directory.Delete(Path.Combine(_files.Root, "a", "2"), recursive: true);

        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository, "a"));

        Assert.Equal("1", Engine(repository, "a").Signature.Version);
    }

    [Fact]
    public async Task Loads_of_one_model_run_one_after_another_and_the_same_version_is_not_loaded_twice()
    {
        _files.Write("a", "1");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        var gate = new TaskCompletionSource();
        _versions.Gate = gate.Task;
        _files.Write("a", "2");
        _files.Write("a", "3");

        var loads = Enumerable.Range(0, 4).Select(_ => LoadAsync(repository, "a")).ToList();
        Assert.Contains("a 3 Loading being loaded", SimulatedVersions.Index(repository), StringComparison.Ordinal);
        Assert.IsType<ModelLookup.NotReady>(repository.Find("a", "3"));
        Assert.Equal("1", Engine(repository, "a").Signature.Version);
        gate.SetResult();

        Assert.All(await Task.WhenAll(loads), static change => Assert.IsType<RepositoryChange.Done>(change));
        Assert.Equal(1, _versions.LoadingMost);
        Assert.Equal(["a 1", "a 3"], _versions.Instances.Keys.Order());
    }

    [Fact]
    public async Task A_load_that_is_given_up_leaves_no_trace_and_the_next_one_works()
    {
        _files.Write("a", "1");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        _files.Write("a", "2");
        _versions.Gate = new TaskCompletionSource().Task;
        using var gone = new CancellationTokenSource();
        var load = repository.LoadAsync("a", gone.Token).AsTask();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load.WaitAsync(Patience));

        Assert.Equal("a 1 Ready, a 2 Unavailable not loaded", SimulatedVersions.Index(repository));
        _versions.Gate = Task.CompletedTask;
        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository, "a"));
        Assert.Equal("2", Engine(repository, "a").Signature.Version);
    }

    [Fact]
    public async Task A_model_that_is_unloaded_answers_who_is_inside_gives_its_memory_back_and_can_be_loaded_again()
    {
        _files.Write("a", "1");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        var found = Engine(repository, "a");
        var inside = SimulatedEngine.Send(found, SimulatedEngine.Request(1));
        await _versions.Instances["a 1"].RunBegins();

        var unload = repository.UnloadAsync("a", CancellationToken.None).AsTask();
        Assert.Equal("a 1 Unloading unloading", SimulatedVersions.Index(repository));
        Assert.IsType<ModelLookup.NotReady>(repository.Find("a", "1"));
        Assert.IsType<InferenceOutcome.Draining>(await SimulatedEngine.Send(found, SimulatedEngine.Request(2)));
        await AnswerAsync("a 1", inside);

        Assert.IsType<RepositoryChange.Done>(await unload.WaitAsync(Patience));
        Assert.True(_versions.Instances["a 1"].IsDisposed);
        Assert.Equal("a 1 Unavailable unloaded", SimulatedVersions.Index(repository));
        Assert.Equal("model a: unloaded", Assert.IsType<ModelLookup.NotReady>(repository.Find("a", "")).Reason);
        Assert.IsType<RepositoryChange.UnknownModel>(await repository.UnloadAsync("b", CancellationToken.None));

        Assert.IsType<RepositoryChange.Done>(await LoadAsync(repository, "a"));
        Assert.Equal("a 1 Ready", SimulatedVersions.Index(repository));
    }

    [Fact]
    public async Task Settings_reach_every_model_and_a_version_that_was_being_loaded_and_one_that_objects_refuses()
    {
        _files.Write("a", "1");
        _files.Write("b", "1");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        var gate = new TaskCompletionSource();
        _versions.Gate = gate.Task;
        _files.Write("b", "2");
        var load = LoadAsync(repository, "b");
        var settings = new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 7 } };

        Assert.Null(repository.Objection(settings));
        repository.Apply(settings);
        gate.SetResult();
        await load;

        Assert.Equal((7, 7, 7), (repository.Settings.Batching.MaxSize, Engine(repository, "a").Settings.Batching.MaxSize, Engine(repository, "b").Settings.Batching.MaxSize));
        var shares = new RuntimeSettings { Serving = new Dictionary<string, double> { ["int8"] = 1 } };
        Assert.StartsWith("a: ", repository.Objection(shares), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Once_it_drains_nothing_is_loaded_any_more()
    {
        _files.Write("a", "1");
        await using var repository = Repository();
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        _files.Write("a", "2");

        await repository.DrainAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal("version 2: the server is draining", Assert.IsType<RepositoryChange.Refused>(await LoadAsync(repository, "a")).Reason);
        Assert.True(_versions.Instances["a 2"].IsDisposed);
        Assert.IsType<InferenceOutcome.Draining>(await SimulatedEngine.Send(Engine(repository, "a"), SimulatedEngine.Request(1)));
    }
}
