using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Tests.Rollout;

/// <summary>
/// Replicas that batch what waits, fed by bursty arrivals and disturbed by neighbours: requests of one batch are slow together, those of one burst
/// on all replicas together, and a disturbed replica stays so for longer than a block. The first replica is the new revision's.
/// </summary>
internal sealed class ReplicaTrafficSimulation
{
    private const int BatchMax = 16;

    private readonly Random _random;
    private readonly double _rate;
    private readonly double _target;
    private readonly Replica[] _replicas;
    private readonly Traits _traits;
    private double _nextArrival;
    private double _now;

    /// <param name="seed">Of all draws.</param>
    /// <param name="replicas">Both sides together.</param>
    /// <param name="rate">Requests per second and replica, on average.</param>
    /// <param name="target">Latency beyond which a request is missed, seconds.</param>
    /// <param name="traits">What the new side is like, and what disturbs all.</param>
    public ReplicaTrafficSimulation(int seed, int replicas, double rate, double target, Traits traits)
    {
        (_random, _rate, _target, _traits) = (new Random(seed), rate * replicas, target, traits);
        _replicas = [.. Enumerable.Range(0, replicas).Select(_ => new Replica())];
    }

    /// <param name="Slower">How many times longer the new side's executions take.</param>
    /// <param name="Failing">Share of the new side's executions that fail, with all in them.</param>
    /// <param name="FailingAnyway">The same of both sides.</param>
    /// <param name="Burst">How many times the rate rises for 2 s, every 20 s on average.</param>
    /// <param name="Disturbed">How many times longer executions take while a neighbour disturbs, for 15 s every 150 s on average.</param>
    public sealed record Traits(double Slower = 1, double Failing = 0, double FailingAnyway = 0, double Burst = 1, double Disturbed = 1);

    /// <summary>The next block.</summary>
    public MeteredBlock Next(double seconds)
    {
        foreach (var replica in _replicas)
        {
            replica.Counts = default;
        }

        for (var end = _now + seconds; _now < end;)
        {
            var done = Next();
            var rate = _rate * (IsBurst(_now) ? _traits.Burst : 1);
            _nextArrival = _nextArrival > _now ? _nextArrival : _now + (-Math.Log(1 - _random.NextDouble()) / rate);
            if (done.BusyUntil <= _nextArrival)
            {
                _now = done.BusyUntil;
                Finish(done);
                Begin(done);
            }
            else
            {
                _now = _nextArrival;
                Arrive();
            }
        }

        return new(
            new(_replicas.Skip(1).Aggregate(default(SideCounts), static (sum, r) => sum + r.Counts), _replicas[0].Counts),
            [.. _replicas.Skip(1).Select(static (r, i) => new ReplicaCounts($"old-{i}", r.Counts))]);
    }

    private Replica Next()
    {
        var first = _replicas[0];
        foreach (var replica in _replicas)
        {
            first = replica.BusyUntil < first.BusyUntil ? replica : first;
        }

        return first;
    }

    private void Arrive()
    {
        var start = _random.Next(_replicas.Length);
        var least = _replicas[start];
        for (var i = 1; i < _replicas.Length; i++)
        {
            var other = _replicas[(start + i) % _replicas.Length];
            least = other.Held < least.Held ? other : least;
        }

        least.Waiting.Enqueue(_now);
        Begin(least);
    }

    private void Begin(Replica replica)
    {
        if (replica.Running.Count > 0 || replica.Waiting.Count == 0)
        {
            return;
        }

        while (replica.Running.Count < BatchMax && replica.Waiting.TryDequeue(out var at))
        {
            replica.Running.Add(at);
        }

        replica.Disturb(_now, _random);
        var seconds = (0.004 + (0.001 * replica.Running.Count)) * (0.8 + (0.4 * _random.NextDouble()));
        seconds *= (replica.DisturbedUntil > _now ? _traits.Disturbed : 1) * (replica == _replicas[0] ? _traits.Slower : 1);
        replica.BusyUntil = _now + seconds;
    }

    private void Finish(Replica replica)
    {
        var isNew = replica == _replicas[0];
        var fails = _random.NextDouble() < _traits.FailingAnyway + (isNew ? _traits.Failing : 0);
        var count = replica.Running.Count;
        var missed = 0;
        foreach (var at in replica.Running)
        {
            missed += fails || _now - at > _target ? 1 : 0;
        }

        replica.Counts += new SideCounts(count, fails ? count : 0, count, missed);
        replica.Running.Clear();
        replica.BusyUntil = double.PositiveInfinity;
    }

    private static bool IsBurst(double now) => now % 20 < 2;

    private sealed class Replica
    {
        private double _nextDisturbance = -1;

        public Queue<double> Waiting { get; } = new();

        public List<double> Running { get; } = [];

        public int Held => Waiting.Count + Running.Count;

        public double BusyUntil { get; set; } = double.PositiveInfinity;

        public double DisturbedUntil { get; private set; }

        public SideCounts Counts { get; set; }

        public void Disturb(double now, Random random)
        {
            if (_nextDisturbance < 0)
            {
                _nextDisturbance = now + (-150 * Math.Log(1 - random.NextDouble()));
            }
            else if (now >= _nextDisturbance)
            {
                DisturbedUntil = now + 15;
                _nextDisturbance = now + 15 - (150 * Math.Log(1 - random.NextDouble()));
            }
        }
    }
}
