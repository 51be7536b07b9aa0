using System.Collections.Concurrent;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Execution;
using InferenceRuntime.Models;
using InferenceRuntime.Tests.Execution;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Models;

/// <summary>Versions whose loads and runs are told what becomes of them, by "NAME VERSION"; on a simulated clock.</summary>
internal sealed class SimulatedVersions
{
    private int _loading;

    public SimulatedClock Clock { get; } = new();

    /// <summary>What the last load of each version gave.</summary>
    public ConcurrentDictionary<string, SimulatedInstance> Instances { get; } = new();

    /// <summary>Why versions are rejected.</summary>
    public ConcurrentDictionary<string, string> Damaged { get; } = new();

    /// <summary>Every load that began, in order.</summary>
    public ConcurrentQueue<string> Loads { get; } = new();

    /// <summary>Loads wait for this.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Most loads that ran at once.</summary>
    public int LoadingMost { get; private set; }

    public FolderRepository Repository(RepositoryFiles files, AheadOptions? ahead = null, Action<string>? added = null) => new(
        files.Folders,
        new VersionLoader(LoadAsync, static engine => engine),
        ahead ?? new AheadOptions(),
        added ?? (static _ => { }),
        new RuntimeSettings(),
        Clock,
        NullLogger<FolderRepository>.Instance);

    /// <summary>The index in one line.</summary>
    public static string Index(FolderRepository repository) =>
        string.Join(", ", repository.Index().Select(static e => $"{e.Name} {e.Version} {e.State} {e.Reason}".Trim()));

    private async Task<ModelLoad> LoadAsync(string model, ModelVersion version, RuntimeSettings settings, CancellationToken cancellationToken)
    {
        var key = $"{model} {version.Text}";
        Loads.Enqueue(key);
        var concurrent = Interlocked.Increment(ref _loading);
        LoadingMost = Math.Max(LoadingMost, concurrent);
        try
        {
            await Gate.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _loading);
        }

        if (Damaged.TryGetValue(key, out var reason))
        {
            return new ModelLoad.Rejected($"{version.Path}: {reason} in {Path.GetDirectoryName(version.Path)}/weights");
        }

        var instance = new SimulatedInstance(gated: true);
        Instances[key] = instance;
        var signature = SimulatedEngine.Signature(batched: true) with { Name = model, Version = version.Text };
        return new ModelLoad.Loaded(
            new BatchingEngine(signature, [instance], settings, Clock, NullLogger.Instance), new ModelFacts("0", new ModelPlacement("simulated", null, null), 1, TimeSpan.Zero));
    }
}
