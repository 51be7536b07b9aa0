using System.Collections.Immutable;
using System.Text;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>A story, told once with the operator running all the while, or stopped somewhere and started again.</summary>
internal sealed class StoryRun
{
    /// <summary>Within which the cluster has to come to rest once the story is over and the operator runs.</summary>
    private static readonly TimeSpan RestWithin = TimeSpan.FromMinutes(10);

    /// <summary>A process that has not died by then goes on to the next.</summary>
    private static readonly TimeSpan DiesWithin = TimeSpan.FromSeconds(50);

    /// <summary>Within which everything then has to be as without a disturbance.</summary>
    private static readonly TimeSpan SameWithin = TimeSpan.FromMinutes(10);

    /// <summary>For which it then has to stay so.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(20);

    private readonly Judge _judge;
    private readonly TestLog _log = new() { IsQuiet = true };
    private readonly StringBuilder _account = new();
    private double _trouble;
    private (long Version, string? Reason) _unrest = (0, "nothing was looked at yet");

    private StoryRun(Story story, int seed)
    {
        Story = story;
        Cluster = new SimulatedCluster(seed, _log);
        _judge = new Judge(Cluster.Time.Clock);
        Cluster.Api.Committed = _judge.Take;
        story.Begin(Cluster);
    }

    public Story Story { get; }

    public SimulatedCluster Cluster { get; }

    /// <summary>What is there in the end.</summary>
    public ImmutableSortedDictionary<string, string> End { get; private set; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Writes of the operator.</summary>
    public int Writes { get; private set; }

    /// <summary>Tells it without a disturbance.</summary>
    public static async Task<StoryRun> UndisturbedAsync(Story story)
    {
        var run = new StoryRun(story, story.Number);
        var process = run.Start();
        await run.ComeToRestAsync(process);
        run.Writes = process.Connections.Writes;
        await run.Cluster.Time.FinishAsync(process.EndAsync());
        return run;
    }

    /// <summary>Tells it with stops of the operator.</summary>
    public static async Task<StoryRun> DisturbedAsync(StoryRun undisturbed, CrashPlan plan)
    {
        var run = new StoryRun(undisturbed.Story, plan.Seed);
        run._trouble = plan.Trouble;
        var standby = plan.HasStandby ? run.Start(contends: true) : null;
        foreach (var crash in plan.Crashes)
        {
            var process = run.Start(crash, plan.HasStandby);
            await run.Cluster.Time.RunAsync(DiesWithin, () => process.Connections.IsDead);
            run.Tell($"{(process.Connections.IsDead ? "it died" : "it never came to die")}; {crash}");
            process.Connections.Die();
            run.BeginsAnew(plan.HasStandby);
            await run.Cluster.Time.FinishAsync(process.EndAsync());
            await run.Cluster.Time.RunAsync(crash.Pause);
        }

        var last = run.Start(contends: plan.HasStandby);
        await run.ComeToRestAsync(last);
        await run.CompareAsync(undisturbed);
        await run.Cluster.Time.FinishAsync(last.EndAsync());
        await run.Cluster.Time.FinishAsync(standby?.EndAsync() ?? Task.CompletedTask);
        return run;
    }

    /// <summary>Tells it on a machine of the operator's whose time of day is stepped.</summary>
    /// <param name="undisturbed">The story as it goes without.</param>
    /// <param name="seed">Of the cluster.</param>
    /// <param name="steps">When, and by how much.</param>
    public static async Task<StoryRun> SteppedAsync(StoryRun undisturbed, int seed, IReadOnlyList<(TimeSpan At, TimeSpan By)> steps)
    {
        var run = new StoryRun(undisturbed.Story, seed);
        var time = new OwnTimeOfDay(run.Cluster.Time.Clock);
        var judge = run.Cluster.Api.Committed!; // Set by the constructor.
        run.Cluster.Api.Committed = news =>
        {
            judge(news);
            if (news.Key.Type == SimulatedTypes.Agents && EndState.UpdatedAt(news.After) is { } shown && shown != EndState.UpdatedAt(news.Before) && (time.GetUtcNow() - shown).Duration() > TimeSpan.FromSeconds(3))
            {
                run._judge.Breaches.Enqueue($"{news.Key} shows {shown:s} when it is {time.GetUtcNow():s}");
            }
        };
        foreach (var (at, by) in steps)
        {
            run.Cluster.Time.At(at, () =>
            {
                run.Tell($"the time of day is set by {by.TotalHours:0.0} hours");
                time.Ahead += by;
            });
        }

        var process = run.Start(time: time);
        await run.ComeToRestAsync(process);
        run.Writes = process.Connections.Writes;
        await run.CompareAsync(undisturbed);
        await run.Cluster.Time.FinishAsync(process.EndAsync());
        return run;
    }

    private OperatorProcess Start(Crash? crash = null, bool contends = false, TimeProvider? time = null)
    {
        Tell("an operator starts");
        BeginsAnew(contends);
        var process = Cluster.Start(
            seed => new SimulatedConnections(Cluster.Server, Cluster.Nodes, seed, Cluster.Time.Clock) { DiesAtWrite = crash?.AtWrite ?? 0, DiesAfter = crash?.After ?? false, Trouble = _trouble, Wrote = Tell },
            contends,
            time);
        if (crash?.AtTime is { } moment)
        {
            Cluster.Time.At(Cluster.Time.Now + moment, process.Connections.Die);
        }

        return process;
    }

    /// <summary>Of several that contend, the one begins that gets the Lease: the judge sees that.</summary>
    private void BeginsAnew(bool contends)
    {
        if (!contends)
        {
            _judge.Started();
        }
    }

    private async Task ComeToRestAsync(OperatorProcess process)
    {
        var left = Story.Length - Cluster.Time.Now;
        await Cluster.Time.RunAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        if (!await Cluster.Time.RunAsync(RestWithin, () => Unrest() is null))
        {
            throw Fault($"the cluster does not come to rest: {Unrest()}");
        }

        // What was decided a moment ago may still be on its way, and a load may need its time to show.
        await Cluster.Time.RunAsync(Calm);
        if (!await Cluster.Time.RunAsync(RestWithin, () => Unrest() is null))
        {
            throw Fault($"the cluster does not stay at rest: {Unrest()}");
        }

        End = EndState.Of(Cluster.Api, Cluster.Nodes.Load);
        if (process.HasEnded)
        {
            throw Fault("the operator ended by itself");
        }

        CheckBreaches();
    }

    /// <summary>Looked at again only when something was written.</summary>
    private string? Unrest()
    {
        if (Cluster.Api.Version is var version && version != _unrest.Version)
        {
            _unrest = (version, EndState.Unrest(Cluster.Api));
        }

        return _unrest.Reason;
    }

    /// <summary>Waits until everything is as it is without a disturbance: replicas that somebody added while nobody looked go only when it is sure that they are not needed.</summary>
    private async Task CompareAsync(StoryRun undisturbed)
    {
        var (looked, difference) = (0L, (string?)null);
        if (!await Cluster.Time.RunAsync(SameWithin, IsSame))
        {
            throw Fault(difference!); // It is not the same.
        }

        CheckBreaches();

        bool IsSame()
        {
            if (looked != Cluster.Api.Version)
            {
                (looked, End) = (Cluster.Api.Version, EndState.Of(Cluster.Api, Cluster.Nodes.Load));
                difference = End.Keys.Union(undisturbed.End.Keys, StringComparer.Ordinal)
                    .Where(name => End.GetValueOrDefault(name) != undisturbed.End.GetValueOrDefault(name))
                    .Select(name => $"{name} is {Difference(End.GetValueOrDefault(name), undisturbed.End.GetValueOrDefault(name))}{Environment.NewLine}and without a disturbance {Difference(undisturbed.End.GetValueOrDefault(name), End.GetValueOrDefault(name))}")
                    .FirstOrDefault();
            }

            return difference is null;
        }
    }

    private void CheckBreaches()
    {
        if (!_judge.Breaches.IsEmpty)
        {
            throw Fault(string.Join("; ", _judge.Breaches));
        }
    }

    /// <summary>Where the one differs from the other, with what is round it.</summary>
    private static string Difference(string? one, string? other)
    {
        if (one is null || other is null)
        {
            return one is null ? "not there" : "there";
        }

        var same = one.Zip(other).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"…{one[Math.Max(0, same - 100)..Math.Min(one.Length, same + 100)]}…";
    }

    private void Tell(string what)
    {
        lock (_account)
        {
            _account.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"{Cluster.Time.Now.TotalSeconds:0.000} s: {what}");
        }
    }

    private InvalidOperationException Fault(string what) =>
        new($"{what}{Environment.NewLine}story {Story.Number}: {Story}{Environment.NewLine}{_account}{Environment.NewLine}{string.Join(Environment.NewLine, _log.Lines.TakeLast(60))}");
}
