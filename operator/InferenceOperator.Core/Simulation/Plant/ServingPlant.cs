using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Measuring;

namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>
/// Replicas under open-loop load, event by event: routing, queues, greedy batching, starts, drains, crashes. Time moves only by
/// <see cref="AdvanceTo"/>; in between, whoever controls it looks and acts.
/// </summary>
/// <remarks>
/// One owner; not thread safe. Cost: some 30 to 150 ns a request, nothing allocated on the way. A request that comes while no replica is
/// ready is refused. Replicas that go take no new requests, finish what they have, and hold their place until then.
/// </remarks>
public sealed class ServingPlant
{
    private readonly PlantSettings _settings;
    private readonly ArrivalProcess _arrivals;
    private readonly ServiceModel _service;
    private readonly double _target;
    private readonly ulong _seed;
    private readonly Func<IBatchRule?>? _batchRules;
    private readonly EventHeap _events = new();
    private readonly List<ReplicaServer> _replicas = [];
    private ReplicaServer[] _routed = [];
    private int[] _loads = [];
    private int _routedCount;
    private int _cursor;
    private int _created;
    private int _nodeLoss;
    private double _nextArrival;
    private double _nextChange = double.PositiveInfinity;
    private double _paidSince;
    private double _paidSeconds;
    private int _paid;
    private long _arrived;
    private long _answered;
    private long _met;
    private long _refused;
    private long _expired;
    private long _lost;
    private long _burst;

    /// <param name="settings">What serves.</param>
    /// <param name="arrivals">What comes.</param>
    /// <param name="service">How long executions take.</param>
    /// <param name="targetSeconds">Latency within which a request counts as met.</param>
    /// <param name="seed">Of start-ups, crashes and routing.</param>
    /// <param name="replicas">Ready ones at the start.</param>
    /// <param name="batchRules">Makes the rule of a replica's process; null: the plant's batch limit holds.</param>
    public ServingPlant(PlantSettings settings, ArrivalProcess arrivals, ServiceModel service, double targetSeconds, ulong seed, int replicas, Func<IBatchRule?>? batchRules = null)
    {
        (_settings, _arrivals, _service, _target, _seed, _batchRules) = (settings, arrivals, service, targetSeconds, seed, batchRules);
        MaxBatch = settings.MaxBatch;
        MaxDelaySeconds = settings.MaxDelaySeconds;
        _nextArrival = arrivals.Next();
        for (var i = 0; i < Math.Min(replicas, settings.Quota); i++)
        {
            // They started before the story begins.
            var startUp = settings.StartUp.At(Draws.At(seed, DrawPurpose.StartUp, (ulong)_created << 8));
            var server = new ReplicaServer(_created++, -startUp) { Starts = 1 };
            _replicas.Add(server);
            BecomeReady(server, 0);
        }

        Wanted = replicas;
        Scale(replicas);
    }

    /// <summary>Seconds since the start.</summary>
    public double Now { get; private set; }

    /// <summary>Replicas that were last asked for.</summary>
    public int Wanted { get; private set; }

    /// <summary>Replicas that get requests.</summary>
    public int Ready => _routedCount;

    /// <summary>Replicas that hold a place and cost: starting, ready, draining.</summary>
    public int Paid => _paid;

    /// <summary>Most rows in one execution, from the next one on.</summary>
    public int MaxBatch { get; set; }

    /// <summary>Longest wait for company, seconds, from the next one on.</summary>
    public double MaxDelaySeconds { get; set; }

    /// <summary>Share of executions that run on the faster variant, 0 to 1.</summary>
    public double BurstShare { get; set; }

    /// <summary>Latencies since it was last cleared.</summary>
    public LatencyHistogram Latencies { get; } = new();

    public RequestCounts Counts => new(_arrived, _answered, _met, _refused, _expired, _lost, _burst);

    /// <summary>Seconds of replicas paid for so far.</summary>
    public double PaidSeconds => _paidSeconds + (_paid * (Now - _paidSince));

    internal IReadOnlyList<ReplicaServer> Replicas => _replicas;

    /// <summary>Serves until a time, that time's completions and changes included, its arrivals not.</summary>
    /// <param name="to">Not before <see cref="Now"/>.</param>
    public void AdvanceTo(double to)
    {
        _nextArrival = double.IsPositiveInfinity(_nextArrival) ? _arrivals.Next() : _nextArrival;
        while (true)
        {
            var until = Math.Min(to, _nextChange);
            Serve(until);
            Now = until;
            if (_nextChange > to)
            {
                return;
            }

            Change();
        }
    }

    /// <summary>Asks for so many replicas: new ones start at once, superfluous ones go, those that are not ready yet first, then the youngest.</summary>
    /// <param name="replicas">At least 0.</param>
    public void Scale(int replicas)
    {
        Wanted = Math.Min(replicas, PlantSettings.ReplicasMax);
        var staying = _replicas.Count(static r => r.Phase != ReplicaPhase.Draining);
        for (; staying < Wanted; staying++)
        {
            _replicas.Add(new ReplicaServer(_created++, Now));
        }

        if (staying > Wanted)
        {
            foreach (var server in _replicas.Where(static r => r.Phase != ReplicaPhase.Draining)
                .OrderBy(static r => r.Phase == ReplicaPhase.Unschedulable ? 0 : r.Phase == ReplicaPhase.Ready ? 2 : 1)
                .ThenByDescending(static r => r.Number).Take(staying - Wanted).ToList())
            {
                Drain(server);
            }
        }

        Change();
    }

    private void Serve(double until)
    {
        while (true)
        {
            var next = _events.NextAt;
            if (_nextArrival < next)
            {
                if (_nextArrival >= until)
                {
                    return;
                }

                Arrive(_nextArrival);
                _nextArrival = _arrivals.Next();
            }
            else if (next > until || double.IsPositiveInfinity(next))
            {
                return;
            }
            else
            {
                Happen(_events.Pop());
            }
        }
    }

    private void Arrive(double at)
    {
        _arrived++;
        if (_routedCount == 0)
        {
            _refused++;
            Latencies.Refuse();
            return;
        }

        var slot = Route();
        var server = _routed[slot];
        if (server.Waiting >= _settings.QueueBound)
        {
            server.Refuse(at);
            _refused++;
            Latencies.Refuse();
            return;
        }

        server.Arrive(at);
        _loads[slot]++;
        if (server.Running == 0)
        {
            TryStart(server, at);
        }
    }

    private int Route()
    {
        var count = _routedCount;
        switch (_settings.Routing)
        {
            case Routing.RoundRobin:
                _cursor = _cursor + 1 < count ? _cursor + 1 : 0;
                return _cursor;
            case Routing.Random:
                return Math.Min(count - 1, (int)(Draws.At(_seed, DrawPurpose.Routing, (ulong)_arrived) * count));
            case Routing.LeastOutstanding:
                return LeastOutstanding(count);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private int LeastOutstanding(int count)
    {
        var loads = _loads.AsSpan(0, count);
        var start = _cursor + 1 < count ? _cursor + 1 : 0;
        var (best, least) = (start, loads[start]);
        for (var i = start + 1; i < loads.Length && least > 0; i++)
        {
            (best, least) = loads[i] < least ? (i, loads[i]) : (best, least);
        }

        for (var i = 0; i < start && least > 0; i++)
        {
            (best, least) = loads[i] < least ? (i, loads[i]) : (best, least);
        }

        _cursor = best;
        return best;
    }

    private void Happen(in EventHeap.Entry entry)
    {
        var server = entry.Server;
        if (entry.Epoch != server.Epoch)
        {
            return;
        }

        if (server.Running > 0)
        {
            Complete(server);
        }

        if (server.Waiting > 0)
        {
            TryStart(server, entry.At);
        }

        if (server.Held == 0 && server.Phase == ReplicaPhase.Draining)
        {
            Now = entry.At;
            Remove(server);
        }
    }

    private void Complete(ReplicaServer server)
    {
        var rows = server.Running;
        var (met, isBurst) = server.Complete(Latencies, _settings.OverheadSeconds, _target);
        _answered += rows;
        _met += met;
        _burst += isBurst ? rows : 0;
        if (server.Slot >= 0)
        {
            _loads[server.Slot] -= rows;
        }
    }

    private void TryStart(ReplicaServer server, double at)
    {
        var timeout = Math.Min(_settings.TimeoutSeconds, server.BatchRule?.ExpiresAfterSeconds ?? double.PositiveInfinity);
        while (server.Held > 0 && at - server.Oldest > timeout)
        {
            Expire(server, at);
        }

        var waiting = server.Held;
        if (waiting == 0)
        {
            return;
        }

        var limit = server.BatchRule?.Limit(at - server.Oldest) ?? MaxBatch;
        if (MaxDelaySeconds > 0 && waiting < limit && at < server.Oldest + MaxDelaySeconds && server.Phase != ReplicaPhase.Draining)
        {
            if (!(server.WaitsUntil <= server.Oldest + MaxDelaySeconds))
            {
                server.WaitsUntil = server.Oldest + MaxDelaySeconds;
                _events.Push(server.WaitsUntil, server, server.Epoch);
            }

            return;
        }

        var rows = Math.Min(waiting, limit);
        server.BurstCredit += BurstShare;
        var isBurst = server.BurstCredit >= 1;
        server.BurstCredit -= isBurst ? 1 : 0;
        var seconds = _service.Seconds(rows, at, isBurst);
        server.Start(rows, at, seconds, isBurst);
        _events.Push(at + seconds, server, server.Epoch);
    }

    private void Expire(ReplicaServer server, double at)
    {
        server.Expire(at);
        _expired++;
        Latencies.Refuse();
        if (server.Slot >= 0)
        {
            _loads[server.Slot]--;
        }
    }

    /// <summary>All that is due now: places given, replicas ready, crashes.</summary>
    private void Change()
    {
        while (_nodeLoss < _settings.NodeLosses.Length && _settings.NodeLosses[_nodeLoss].At <= Now)
        {
            var lost = (int)Math.Ceiling(_settings.NodeLosses[_nodeLoss++].Share * _routedCount);
            foreach (var server in _replicas.Where(static r => r.Phase == ReplicaPhase.Ready).Take(lost).ToList())
            {
                Crash(server);
            }
        }

        foreach (var server in _replicas)
        {
            if (server.Phase == ReplicaPhase.Ready && server.CrashesAt <= Now)
            {
                Crash(server);
            }

            if (server.Phase == ReplicaPhase.Unschedulable && _paid < _settings.Quota)
            {
                Pay(1);
                server.Begin(Now);
                BeginStart(server);
            }

            if (server.Phase is ReplicaPhase.Starting or ReplicaPhase.Failed && server.ReadyAt <= Now)
            {
                BecomeReady(server, server.ReadyAt);
            }
        }

        _nextChange = _nodeLoss < _settings.NodeLosses.Length ? _settings.NodeLosses[_nodeLoss].At : double.PositiveInfinity;
        foreach (var server in _replicas)
        {
            _nextChange = Math.Min(_nextChange, server.Phase switch
            {
                ReplicaPhase.Starting or ReplicaPhase.Failed => server.ReadyAt,
                ReplicaPhase.Ready => server.CrashesAt,
                _ => double.PositiveInfinity,
            });
        }
    }

    private void BeginStart(ReplicaServer server)
    {
        var key = ((ulong)server.Number << 8) + (ulong)Math.Min(server.Starts++, 255);
        server.Phase = server.Phase == ReplicaPhase.Ready ? ReplicaPhase.Failed : ReplicaPhase.Starting;
        server.Since = Now;
        server.ReadyAt = Now + _settings.StartUp.At(Draws.At(_seed, DrawPurpose.StartUp, key));
    }

    private void BecomeReady(ReplicaServer server, double at)
    {
        if (server.Phase == ReplicaPhase.Unschedulable)
        {
            Pay(1);
        }

        server.Phase = ReplicaPhase.Ready;
        server.Since = at;
        server.BatchRule = _batchRules?.Invoke();
        var key = ((ulong)server.Number << 8) + (ulong)Math.Min(server.Starts, 255);
        server.CrashesAt = double.IsPositiveInfinity(_settings.CrashMeanSeconds)
            ? double.PositiveInfinity
            : at - (_settings.CrashMeanSeconds * Math.Log(Draws.At(_seed, DrawPurpose.Lifetime, key)));
        if (_routedCount == _routed.Length)
        {
            Array.Resize(ref _routed, Math.Max(16, _routedCount * 2));
            Array.Resize(ref _loads, _routed.Length);
        }

        server.Slot = _routedCount;
        _routed[_routedCount] = server;
        _loads[_routedCount++] = 0;
    }

    private void Crash(ReplicaServer server)
    {
        Unroute(server);
        var lost = server.Crash(Now);
        _lost += lost;
        Latencies.Refuse(lost);
        BeginStart(server);
    }

    private void Drain(ReplicaServer server)
    {
        if (server.Phase != ReplicaPhase.Ready || server.Held == 0)
        {
            Remove(server);
            return;
        }

        Unroute(server);
        server.Phase = ReplicaPhase.Draining;
        server.Since = Now;
        if (server.Running == 0)
        {
            TryStart(server, Now);
        }
    }

    private void Remove(ReplicaServer server)
    {
        Unroute(server);
        _replicas.Remove(server);
        if (server.Phase != ReplicaPhase.Unschedulable)
        {
            Pay(-1);

            // A place has become free: whoever waits for one is looked at when time moves on.
            _nextChange = _settings.Quota < PlantSettings.ReplicasMax ? Math.Min(_nextChange, Now) : _nextChange;
        }
    }

    private void Unroute(ReplicaServer server)
    {
        if (server.Slot < 0)
        {
            return;
        }

        var last = _routed[--_routedCount];
        _routed[server.Slot] = last;
        _loads[server.Slot] = _loads[_routedCount];
        last.Slot = server.Slot;
        server.Slot = -1;
        _routed[_routedCount] = null!; // Beyond the count nobody looks.
    }

    private void Pay(int change)
    {
        _paidSeconds += _paid * (Now - _paidSince);
        _paidSince = Now;
        _paid += change;
    }
}
