using System.Collections.Immutable;
using System.Security.Cryptography;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Workloads;
using InferenceRuntime.Contract;

namespace InferenceOperator.Local.Replicas;

/// <summary>The replicas of one agent, kept as the last target wants them, and the route that points at those that are ready.</summary>
/// <remarks>Thread safe. The target and the list are guarded by one lock; replicas report changes from their own tasks.</remarks>
internal sealed class AgentReplicas(Func<string> nextName, AgentRoute route, ReplicaHost host, Action changed) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _replicas = [];
    private readonly CancellationTokenSource _cut = new();

    // One for all, so that a replica can ask another for its cached responses.
    private readonly AdminToken _token = new(RandomNumberGenerator.GetHexString(64, lowercase: true));
    private ReplicaLaunch? _launch;
    private ImmutableArray<LocalSide> _sides = [];
    private int? _wanted;
    private bool _wakesOnRequest;
    private bool _closed;

    /// <summary>The launch that is wanted now; null before the first target.</summary>
    public ReplicaLaunch? Launch
    {
        get
        {
            lock (_gate)
            {
                return _launch;
            }
        }
    }

    /// <summary>Why nothing can be started, for the endpoint's refusals; null when nothing stands in the way.</summary>
    public string? Problem { get; set; }

    /// <summary>Sets what is to run. What differs is started and drained in the background.</summary>
    /// <param name="launch">What the manifest asks for; it may yet be tried, or have been sent back.</param>
    /// <param name="sides">What runs: one side, or the two of a roll-out.</param>
    /// <param name="wanted">How many replicas are wanted in all, without one that is only tried.</param>
    /// <param name="wakesOnRequest">True: while none is wanted, a request waits at the endpoint and asks for one.</param>
    public void SetTarget(ReplicaLaunch launch, ImmutableArray<LocalSide> sides, int wanted, bool wakesOnRequest)
    {
        lock (_gate)
        {
            _launch = launch;
            _wanted = wanted;
            _wakesOnRequest = wakesOnRequest;
            _sides = sides;
            foreach (var entry in _replicas)
            {
                if (SideOf(entry.Replica.Launch) is var side and >= 0 && entry.Replica.Settings != sides[side].Settings)
                {
                    entry.Replica.Settings = sides[side].Settings;
                }
            }
        }

        Reconcile();
    }

    /// <summary>What runs now.</summary>
    /// <param name="wanted">The revision that the manifest asks for; null: its files cannot be looked at.</param>
    /// <param name="modelProblem">What the caller knows to be wrong with the model.</param>
    public RunningWorkload Observe(RevisionName? wanted, string? modelProblem)
    {
        lock (_gate)
        {
            var observation = new WorkloadObservation
            {
                Endpoint = new HoldingEndpoint(route.Held, route.Inside),
                WantedReplicas = _wanted,
                WantedRevision = wanted,
                Revisions =
                [
                    .. _replicas.Where(static entry => !entry.IsDraining).Select(static entry => entry.Replica.Launch.Revision)
                        .Concat(_sides.Select(static side => side.Launch.Revision))
                        .GroupBy(static revision => revision).OrderByDescending(static group => group.Count()).Select(static group => group.Key),
                ],
                Replicas = [.. _replicas.Select(entry => entry.Replica).Select(ObserveReplica)],
                ModelProblem = modelProblem ?? RefusedLocked(),
                ServingSha256 = _replicas.Where(entry => entry.Replica.State.Phase is ReplicaPhase.Ready).Select(entry => entry.Replica.Launch.ModelSha256).LastOrDefault(),
                Placement = ModelPlacement.Agreed([.. _replicas.Select(entry => entry.Replica.State).Where(static state => state.Phase is ReplicaPhase.Ready).Select(static state => state.Placement).OfType<ModelPlacement>()]),
            };
            return new RunningWorkload(observation, [.. _replicas.Select(entry => entry.Replica.Access is { } access ? access with { Revision = entry.Replica.Launch.Revision } : null).OfType<ReplicaAccess>()]);
        }
    }

    /// <summary>Drains all replicas and starts none any more.</summary>
    /// <param name="cancellationToken">Kills what still runs.</param>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_gate)
        {
            _closed = true;
            _wanted = 0;
            running = [.. _replicas.Select(entry => entry.Running)];
        }

        Reconcile();
        using (cancellationToken.Register(_cut.Cancel))
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    public void Dispose() => _cut.Dispose();

    private static ReplicaObservation ObserveReplica(LocalReplica replica)
    {
        var state = replica.State;
        return new ReplicaObservation(replica.Name, state.Phase, state.Since, state.Message) { Revision = replica.Launch.Revision };
    }

    private string? RefusedLocked() => _replicas
        .Where(entry => entry.Replica.Launch == _launch && entry.Replica.State.ModelRefused)
        .Select(entry => entry.Replica.State.Message)
        .FirstOrDefault();

    private void ReplicaChanged()
    {
        Reconcile();
        changed();
    }

    private void Reconcile()
    {
        lock (_gate)
        {
            _replicas.RemoveAll(entry => entry.Running.IsCompleted);
            if (_wanted is not null)
            {
                var moves = Rollout.Next(
                    [.. _replicas.Select(entry => new Rollout.Member(entry.Replica.Name, SideOf(entry.Replica.Launch), entry.PhaseLocked))],
                    [.. _sides.Select(side => _closed ? 0 : side.Replicas)]);
                foreach (var entry in _replicas.Where(entry => moves.Drain.Contains(entry.Replica.Name)))
                {
                    entry.IsDraining = true;
                    entry.Replica.Drain();
                }

                for (var side = 0; side < _sides.Length && !_closed; side++)
                {
                    for (var i = 0; i < moves.Start[side]; i++)
                    {
                        StartLocked(_sides[side]);
                    }
                }
            }

            PointRouteLocked();
        }
    }

    private int SideOf(ReplicaLaunch launch)
    {
        for (var side = 0; side < _sides.Length; side++)
        {
            if (_sides[side].Launch == launch)
            {
                return side;
            }
        }

        return Rollout.Former;
    }

    private void StartLocked(LocalSide side)
    {
        var (name, launch) = (nextName(), side.Launch);
        var replica = new LocalReplica(name, launch, side.Settings, _token, () => PeersOf(side), host, ReplicaChanged);
        _replicas.Add(new Entry(replica, RunAsync(replica)));
    }

    // Replicas that answer from the same file: what they cached holds for one that starts. With variants it may be another's answer, from another file.
    private ImmutableArray<Uri> PeersOf(LocalSide side)
    {
        var launch = side.Launch;
        lock (_gate)
        {
            return side.Settings.Cache.Policy is CachePolicy.None || !launch.Variants.IsEmpty
                ? []
                : [.. _replicas
                    .Where(entry => entry.PhaseLocked is ReplicaPhase.Ready && entry.Replica.Launch is { Variants.IsEmpty: true } its && its.ModelSha256 == launch.ModelSha256)
                    .Select(entry => entry.Replica.State.Addresses?.Admin)
                    .OfType<Uri>()];
        }
    }

    private async Task RunAsync(LocalReplica replica)
    {
        await Task.Yield(); // The entry is in the list, and the lock released, before the replica reports anything.
        try
        {
            await replica.RunAsync(_cut.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            host.Logger.ReplicaEnded(replica.Name, $"its folder cannot be used: {exception.Message}");
        }
        finally
        {
            Forget(replica);
            changed();
        }
    }

    private void Forget(LocalReplica replica)
    {
        lock (_gate)
        {
            _replicas.RemoveAll(entry => entry.Replica == replica);
            PointRouteLocked();
        }
    }

    private void PointRouteLocked()
    {
        var live = _replicas.Where(entry => !entry.IsDraining).Select(entry => entry.Replica.State).ToList();
        var ready = live.Where(state => state.Phase is ReplicaPhase.Ready).Select(state => state.Upstream).OfType<Upstream>().ToImmutableArray();
        var soon = host.Time.GetUtcNow() + host.Limits.HoldTimeMax;
        var coming = live.Any(state => state.Phase is ReplicaPhase.Starting || state.RestartAt <= soon || (state.Phase is ReplicaPhase.Failed && state.RestartAt is null));
        var reason = Problem ?? live.Select(state => state.Message).FirstOrDefault(message => message.Length > 0)
            ?? (coming ? "its replica is being started" : _wanted is null ? "it has not been started yet" : "none is wanted");

        // A replica that failed for longer is not asleep: a request that comes is told why.
        var wakes = _wakesOnRequest && Problem is null && !_closed && (coming || live.Count == 0 || !ready.IsEmpty);
        if (route.State is var now && now.Upstreams.SequenceEqual(ready) && now.MoreComing == coming && now.WakesOnRequest == wakes && now.Reason == reason)
        {
            return;
        }

        route.Update(new RouteState(ready, coming, reason) { WakesOnRequest = wakes });
    }

    private sealed class Entry(LocalReplica replica, Task running)
    {
        public LocalReplica Replica => replica;

        public Task Running => running;

        // Set when the drain is asked for, so that the replica is out of the route before its own task hears of it.
        public bool IsDraining { get; set; }

        public ReplicaPhase PhaseLocked => IsDraining ? ReplicaPhase.Draining : replica.State.Phase;
    }
}
