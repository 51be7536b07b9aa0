using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Tests.Rollout;

/// <summary>Replicas on a simulated clock that do what the planner says, a look every five seconds, each with the planner's invariants checked.</summary>
internal sealed class RolloutRig(int replicas = 3)
{
    public static readonly DateTimeOffset Origin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly RevisionName A = new("a");
    public static readonly RevisionName B = new("b");
    public static readonly RevisionName C = new("c");

    private const double Tick = 5;

    private readonly List<Replica> _replicas = [.. Enumerable.Range(0, replicas).Select(static i => new Replica($"a-{i}", A, Origin) { Phase = ReplicaPhase.Ready })];
    private int _created;
    private double _blockFrom;
    private RolloutStatus? _written;

    public double Now { get; private set; }

    public RolloutState State { get; private set; } = new RolloutState.Stable(A);

    public RolloutPlan Plan { get; private set; } = new(new RolloutState.Stable(A), new([]), "", NeedsPerson: false);

    public RevisionName? Wanted { get; set; } = A;

    public int Replicas { get; set; } = replicas;

    public int? Required { get; set; } = replicas;

    public RolloutRules Rules { get; set; } = new() { MissesAllowed = 0.01 };

    /// <summary>What the old replicas showed: nothing holds on to one for longer than a block.</summary>
    public RolloutReach Reach { get; set; } = new(BlockReach.Shortest, BlockReach.Shortest);

    public string? OtherWriter { get; set; }

    /// <summary>Share of a revision's requests that miss the SLO.</summary>
    public Func<RevisionName, double> Missed { get; set; } = static _ => 0;

    /// <summary>Requests per second to each replica.</summary>
    public double Rate { get; set; } = 10;

    public bool MetricsKnown { get; set; } = true;

    /// <summary>Seconds until a replica of a revision is ready; infinite: it never is.</summary>
    public Func<RevisionName, double> StartUp { get; set; } = static _ => 20;

    /// <summary>True: the revision's replicas end as soon as they are ready.</summary>
    public Func<RevisionName, bool> Crashes { get; set; } = static _ => false;

    /// <summary>Replicas that find a place, draining ones included.</summary>
    public int Places { get; set; } = int.MaxValue;

    public IEnumerable<Replica> Live => _replicas.Where(static r => r.Phase is not ReplicaPhase.Draining);

    public int Ready => _replicas.Count(static r => r.Phase is ReplicaPhase.Ready);

    public int LeastReady { get; private set; } = int.MaxValue;

    public List<string> Told { get; } = [];

    public int Count(RevisionName revision) => Live.Count(r => r.Revision == revision);

    public bool Is<T>() where T : RolloutState => State is T;

    /// <summary>Looks and acts until so many seconds are over, or it holds.</summary>
    public void Run(double seconds, Func<bool>? until = null)
    {
        for (var end = Now + seconds; Now < end;)
        {
            Now += Tick;
            Live.ToList().ForEach(Advance);
            _replicas.RemoveAll(r => r.Phase is ReplicaPhase.Draining && Now - r.Since >= 10);
            Look();
            if (until?.Invoke() == true)
            {
                return;
            }
        }
    }

    /// <summary>The operator starts anew; it has what runs, and the status that was written last.</summary>
    /// <param name="isStale">True: it ended before it wrote the status of its last look.</param>
    public void Restart(bool isStale = false) => State = RolloutReport.Restore(
        isStale ? _written : RolloutReport.Of(Plan),
        [.. Live.GroupBy(static r => r.Revision).OrderByDescending(static g => g.Count()).ThenBy(static g => g.Key.Text, StringComparer.Ordinal).Select(static g => g.Key)],
        Wanted ?? A, At);

    public void Kill(Replica replica) => _replicas.Remove(replica);

    private DateTimeOffset At => Origin + TimeSpan.FromSeconds(Now);

    private void Look()
    {
        _written = RolloutReport.Of(Plan);
        RolloutBlock? block = null;
        if (Now - _blockFrom >= 10)
        {
            block = MetricsKnown && State is RolloutState.Canary or RolloutState.Proceeding ? Block() : null;
            _blockFrom = Now;
        }

        Plan = RolloutPlanner.Plan(
            State,
            new()
            {
                Wanted = Wanted,
                Replicas = Replicas,
                Required = Required,
                Running = [.. _replicas.Select(r => new ReplicaObservation(r.Name, r.Phase, Origin + TimeSpan.FromSeconds(r.Since), r.Message) { Revision = r.Revision })],
                Block = block,
                MetricsKnown = MetricsKnown,
                IsQuiet = MetricsKnown && Rate <= 0,
                Reach = Reach,
                OtherWriter = OtherWriter,
                Rules = Rules,
            },
            At);
        State = Plan.State;
        if (Told.LastOrDefault() != Plan.Reason)
        {
            Told.Add(Plan.Reason);
        }

        Assert.InRange(Plan.Sides.All.Length, 1, 2);
        Assert.Equal(Plan.Sides.All.Length, Plan.Sides.All.Select(static s => s.Revision).Distinct().Count());
        Assert.All(Plan.Sides.All, static side => Assert.True(side.Replicas >= 0));
        Assert.True(Plan.Sides.All.Sum(static s => s.Replicas) >= Replicas - 1, Plan.Sides.ToString());
        Apply();
    }

    private RolloutBlock? Block()
    {
        var p = State is RolloutState.Canary canary ? canary.Progress : ((RolloutState.Proceeding)State).Progress;
        SideCounts Of(RevisionName revision)
        {
            var requests = 10 * Rate * Live.Count(r => r.Revision == revision && r.Phase is ReplicaPhase.Ready);
            return new(requests, 0, requests, requests * Missed(revision));
        }

        return new(Of(p.From), Of(p.To));
    }

    private void Apply()
    {
        var before = Ready;
        foreach (var side in Plan.Sides.All)
        {
            var live = Live.Where(r => r.Revision == side.Revision).OrderBy(static r => r.Phase is ReplicaPhase.Ready ? 0 : 1).ToList();
            foreach (var surplus in live.Skip(side.Replicas))
            {
                Drain(surplus);
            }

            for (var i = live.Count; i < side.Replicas; i++)
            {
                _replicas.Add(new Replica($"{side.Revision}-{_created++}+", side.Revision, At) { Since = Now, Phase = ReplicaPhase.Unschedulable, Message = "no node has a free GPU" });
            }
        }

        foreach (var left in Live.Where(r => Plan.Sides.All.All(side => side.Revision != r.Revision)).ToList())
        {
            Drain(left);
        }

        LeastReady = Math.Min(LeastReady, Ready);
        var given = Plan.State switch
        {
            RolloutState.Canary { Progress.TakesPlace: true } or RolloutState.Proceeding { Progress.TakesPlace: true } or RolloutState.Returning { Progress.TakesPlace: true } => 1,

            // A canary that is sent back leaves its place at once, and the place that it took is empty.
            RolloutState.Stable => before - Live.Count(r => r.Phase is ReplicaPhase.Ready && r.Revision == Plan.Sides.All[0].Revision) is var left and > 0 ? left : 0,

            // Nobody waits for an old replica that has no place.
            _ => _replicas.Exists(static r => r.Phase is ReplicaPhase.Unschedulable) ? 1 : 0,
        };
        Assert.True(Ready >= Math.Min(before, Replicas) - given, $"{before} -> {Ready} ready of {Replicas} at {Now} s: {Plan}");
    }

    private void Drain(Replica replica) => (replica.Phase, replica.Since) = (ReplicaPhase.Draining, Now);

    private void Advance(Replica replica)
    {
        switch (replica.Phase)
        {
            case ReplicaPhase.Unschedulable when _replicas.Count(static r => r.Phase is not ReplicaPhase.Unschedulable) < Places:
                (replica.Phase, replica.Since, replica.Message) = (ReplicaPhase.Starting, Now, "");
                break;
            case ReplicaPhase.Starting or ReplicaPhase.Failed when Now - replica.Since >= StartUp(replica.Revision):
                (replica.Phase, replica.Since) = (ReplicaPhase.Ready, Now);
                break;
            case ReplicaPhase.Ready when Crashes(replica.Revision):
                (replica.Phase, replica.Since, replica.Message) = (ReplicaPhase.Failed, Now, "ended with exit code 139");
                break;
            default:
                break;
        }
    }

    internal sealed class Replica(string name, RevisionName revision, DateTimeOffset createdAt)
    {
        public string Name => name;

        public RevisionName Revision => revision;

        public DateTimeOffset CreatedAt => createdAt;

        public ReplicaPhase Phase { get; set; }

        /// <summary>Seconds since the origin.</summary>
        public double Since { get; set; }

        public string Message { get; set; } = "";
    }
}
