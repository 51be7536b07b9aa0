using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Tests.Rollout.Trials;

/// <summary>
/// Replicas whose counts are drawn per block of 10 s, so that thousands of hours take seconds: latency is lognormal, stretched by load that all
/// share, by noise of each replica that wanders, and by neighbours; eight requests of a batch are slow or fail together.
/// </summary>
internal sealed class DisturbedFleet
{
    public const double BlockSeconds = 10;

    // Of the logarithm of latency, within one replica.
    private const double Sigma = 0.35;
    private const double BatchSize = 8;
    private const double LoadEvery = 600;

    private readonly Random _random;
    private readonly FleetTraits _traits;
    private readonly Replica[] _replicas;
    private readonly double _slack;
    private double _load;
    private double _now;

    public DisturbedFleet(int seed, FleetTraits traits)
    {
        (_random, _traits) = (new Random(seed), traits);
        _slack = Sigma * UpperQuantile(traits.MissedCalm);
        _replicas = [.. Enumerable.Range(0, traits.Old + 1).Select(i => new Replica($"r{i}") { NextDisturbance = Exponential(traits.DisturbedEvery), Noise = traits.Noise * Normal() })];
    }

    /// <summary>The next block; the first replica is the new one.</summary>
    /// <param name="isTried">False: the new one does not run yet.</param>
    public MeteredBlock Next(bool isTried)
    {
        _load = _random.NextDouble() < BlockSeconds / LoadEvery ? _traits.LoadSteps * Normal() : _load;
        var counts = Array.ConvertAll(_replicas, replica => Counts(replica, replica == _replicas[0]));
        _now += BlockSeconds;
        var old = counts.Skip(1).Aggregate(default(SideCounts), static (sum, c) => sum + c);
        return new(new(old, isTried ? counts[0] : default), [.. _replicas.Skip(1).Zip(counts.Skip(1), static (replica, c) => new ReplicaCounts(replica.Name, c))]);
    }

    private SideCounts Counts(Replica replica, bool isNew)
    {
        var keep = Math.Exp(-BlockSeconds / _traits.NoiseFor);
        replica.Noise = (replica.Noise * keep) + (_traits.Noise * Math.Sqrt(1 - (keep * keep)) * Normal());
        var disturbed = _traits.Disturbed > 1 ? Disturbed(replica) / BlockSeconds : 0;
        var speed = (isNew ? Math.Log(_traits.Slower) : 0) + replica.Noise + _load;
        var missed = ((1 - disturbed) * Tail((_slack - speed) / Sigma)) + (disturbed * Tail((_slack - speed - Math.Log(_traits.Disturbed)) / Sigma));

        // The fewest outstanding requests win, so that who is slow gets fewer.
        var mean = _traits.Rate * BlockSeconds * Math.Exp(_load - (0.5 * (speed - _load))) / (1 + (disturbed * (Math.Sqrt(_traits.Disturbed) - 1)));
        var requests = Math.Max(1, Math.Round(mean + (Math.Sqrt(mean) * Normal())));
        var failed = Some(requests, _traits.FailedAnyway + (isNew ? _traits.Failing : 0));
        return new(requests, failed, requests, Math.Min(requests, failed + Some(requests, missed)));
    }

    private double Some(double requests, double share) => Math.Min(requests, BatchSize * Poisson(requests * share / BatchSize));

    // Seconds of the block that is about to begin.
    private double Disturbed(Replica replica)
    {
        var (sum, end) = (0.0, _now + BlockSeconds);
        while (true)
        {
            sum += Math.Max(0, Math.Min(end, replica.DisturbedUntil) - Math.Max(_now, replica.DisturbedFrom));
            if (replica.DisturbedUntil > end || replica.NextDisturbance > end)
            {
                return sum;
            }

            replica.DisturbedFrom = replica.NextDisturbance;
            replica.DisturbedUntil = replica.NextDisturbance + (_traits.IsDisturbedAtRandom ? Exponential(_traits.DisturbedFor) : _traits.DisturbedFor);
            replica.NextDisturbance = replica.DisturbedUntil + Exponential(_traits.DisturbedEvery);
        }
    }

    private double Exponential(double mean) => -mean * Math.Log(1 - _random.NextDouble());

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private double Poisson(double mean)
    {
        if (mean > 30)
        {
            return Math.Max(0, Math.Round(mean + (Math.Sqrt(mean) * Normal())));
        }

        var (count, product, least) = (-1, 1.0, Math.Exp(-mean));
        do
        {
            count++;
            product *= 1 - _random.NextDouble();
        }
        while (product > least);
        return count;
    }

    // Of the standard normal distribution, to 7.5e-8 (Abramowitz and Stegun 26.2.17).
    private static double Tail(double z)
    {
        var t = 1 / (1 + (0.2316419 * Math.Abs(z)));
        var tail = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return z >= 0 ? tail : 1 - tail;
    }

    private static double UpperQuantile(double share)
    {
        var (low, high) = (-8.0, 8.0);
        for (var i = 0; i < 60; i++)
        {
            var z = (low + high) / 2;
            (low, high) = Tail(z) > share ? (z, high) : (low, z);
        }

        return low;
    }

    private sealed class Replica(string name)
    {
        public string Name => name;

        public double Noise { get; set; }

        public double DisturbedFrom { get; set; } = -1;

        public double DisturbedUntil { get; set; } = -1;

        public double NextDisturbance { get; set; }
    }
}
