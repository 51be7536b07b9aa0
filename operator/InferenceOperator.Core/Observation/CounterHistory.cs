using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Observation;

/// <summary>
/// The recent samples of one agent's replicas, of whichever source, and what they say together. Bounded: at most
/// <see cref="ReplicasMax"/> replicas and <see cref="ReplicaHistory.SamplesMax"/> samples each; beyond, the oldest go.
/// </summary>
/// <remarks>One owner; not thread safe. Time only comes in through the samples and the arguments.</remarks>
public sealed class CounterHistory
{
    /// <summary>Replicas that are remembered, gone ones included.</summary>
    public const int ReplicasMax = 2048;

    /// <summary>How long samples are of use: the longest window and slow scrapes before it, as late as a source may be.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromSeconds(150) + SourceDelay.DelayMax;

    /// <summary>How far in the future a sample's time may lie: clocks of different machines.</summary>
    public static readonly TimeSpan ClockSkewMax = TimeSpan.FromSeconds(5);

    private readonly SortedDictionary<string, ReplicaHistory> _replicas = new(StringComparer.Ordinal);

    private readonly Dictionary<MetricSource, (SourceDelay Delay, DateTimeOffset NewestAt)> _delays = [];

    private ExecutionSums _newExecutions;
    private SloSums _newSlo;
    private double? _dispersion;
    private Dictionary<string, ExecutionSums> _newByVariant = new(StringComparer.Ordinal);

    /// <summary>Takes one sample; false when it brings nothing: a time already known, or older than the newest, or not usable.</summary>
    public bool Add(ReplicaSample sample)
    {
        if (!_replicas.TryGetValue(sample.Replica, out var replica))
        {
            if (_replicas.Count >= ReplicasMax)
            {
                _replicas.Remove(_replicas.MinBy(r => r.Value.NewestAt).Key);
            }

            _replicas.Add(sample.Replica, replica = new ReplicaHistory());
        }

        return replica.Add(sample, ref _newExecutions, _newByVariant, ref _newSlo);
    }

    /// <summary>Forgets what is too old to matter.</summary>
    public void Trim(DateTimeOffset now)
    {
        foreach (var (name, replica) in _replicas.ToList())
        {
            replica.Trim(now - Retention);
            if (replica.NewestAt < now - Retention)
            {
                _replicas.Remove(name);
            }
        }
    }

    /// <summary>The executions that came since the last call, of all replicas, with counter resets taken out.</summary>
    public ExecutionSums TakeNewExecutions()
    {
        var taken = _newExecutions;
        _newExecutions = default;
        return taken;
    }

    /// <summary>The same by variant, where replicas have several; without those that executed nothing.</summary>
    public IReadOnlyDictionary<string, ExecutionSums> TakeNewVariantExecutions()
    {
        var taken = _newByVariant;
        _newByVariant = new(StringComparer.Ordinal);
        return taken;
    }

    /// <summary>The requests that the SLO counts, of all replicas, that came since the last call, with counter resets taken out.</summary>
    public SloSums TakeNewSlo()
    {
        var taken = _newSlo;
        _newSlo = default;
        return taken;
    }

    /// <summary>Variants that every one of these replicas has resident, by its newest sample; those without a sample say nothing. The model itself is none.</summary>
    public ImmutableSortedSet<string> ResidentVariants(IEnumerable<string> replicas)
    {
        ImmutableSortedSet<string>? resident = null;
        foreach (var known in replicas.Select(name => _replicas.GetValueOrDefault(name)).OfType<ReplicaHistory>().Where(static r => r.IsKnown))
        {
            var variants = known.Newest.Counters.Variants.Keys;
            resident = resident is null ? variants.ToImmutableSortedSet(StringComparer.Ordinal) : resident.Intersect(variants);
        }

        return resident?.Remove(VariantShares.Full) ?? [];
    }

    /// <summary>Start-up times of the replicas that are remembered, one per process, seconds.</summary>
    public IEnumerable<(DateTimeOffset ProcessStartedAt, double Seconds)> StartUps() =>
        _replicas.Values.Select(r => r.StartUp).OfType<(DateTimeOffset, double)>();

    /// <summary>Highest non-empty bucket of rows per execution, bounded by the limits in force; 0 when nothing is known.</summary>
    public int LargestBatch() => _replicas.Values.Select(r => r.LargestBatch()).DefaultIfEmpty(0).Max();

    /// <summary>What is known of the traffic now.</summary>
    /// <param name="replicas">The replicas as the back end sees them. One that became ready less than two intervals ago may lack samples.</param>
    /// <param name="now">The time (UTC).</param>
    /// <param name="interval">Usual time between two samples of one replica.</param>
    /// <param name="sloShare">The SLO's percentile as a share in (0, 1).</param>
    public Measurement Observe(IReadOnlyCollection<ReplicaObservation> replicas, DateTimeOffset now, TimeSpan interval, double sloShare)
    {
        var delay = LearnDelay(now, interval);
        var all = replicas.Where(r => r.Phase == ReplicaPhase.Ready).ToList();
        if (all.Count == 0)
        {
            return new Measurement.Unknown(UnknownReason.NoReadyReplica, "no replica is ready, so nobody measures");
        }

        var newcomers = all.Where(r => now - r.Since <= delay + (interval * 2) && !(_replicas.TryGetValue(r.Name, out var known) && known.HasSpan)).ToList();
        var ready = all.Except(newcomers).Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        if (ready.Count == 0)
        {
            return new Measurement.Unknown(UnknownReason.NoSample, "the replicas became ready a moment ago and were not measured yet");
        }

        var newest = _replicas.Where(r => ready.Contains(r.Key)).Select(r => r.Value.Newest).ToList();
        DateTimeOffset? sampledAt = newest.Count > 0 ? newest.Min(s => s.SampledAt) : null;
        MetricSource? source = newest.Count > 0 ? newest.MaxBy(s => s.SampledAt)!.Source : null;
        return Completeness(ready, now, interval, delay) is { } unknown
            ? unknown with { SampledAt = sampledAt, Source = source }
            : Judge(ready, now, interval, sloShare, mayBeIdle: newcomers.Count == 0) with { SampledAt = sampledAt, Source = source };
    }

    /// <summary>Takes in how old samples were that came since the last look, and says how old the newest source's usually are.</summary>
    private TimeSpan LearnDelay(DateTimeOffset now, TimeSpan interval)
    {
        foreach (var source in _replicas.Values.Where(r => r.NewestAt > DateTimeOffset.MinValue).GroupBy(r => r.Newest.Source))
        {
            var newestAt = source.Max(r => r.NewestAt);
            var known = _delays.TryGetValue(source.Key, out var before);
            var delay = known ? before.Delay : new SourceDelay();
            if (known && newestAt > before.NewestAt)
            {
                delay.Add(now - newestAt);
            }

            _delays[source.Key] = (delay, newestAt);
        }

        return _delays.Count == 0 ? TimeSpan.Zero : _delays.Values.MaxBy(d => d.NewestAt).Delay.Usual(interval);
    }

    private Measurement.Unknown? Completeness(IReadOnlyCollection<string> ready, DateTimeOffset now, TimeSpan interval, TimeSpan delay)
    {
        if (_replicas.Count == 0)
        {
            return new(UnknownReason.NoSample, "no sample has come yet");
        }

        foreach (var name in ready.Order(StringComparer.Ordinal))
        {
            if (!_replicas.TryGetValue(name, out var replica))
            {
                return new(UnknownReason.ReplicaMissing, $"ready replica {name} has no sample");
            }

            var age = now - replica.NewestAt;
            if (age > delay + (interval * 2))
            {
                var usual = delay > TimeSpan.Zero ? $" and {delay.TotalSeconds:0.#} s are usual" : "";
                return new(UnknownReason.Stale, string.Create(CultureInfo.InvariantCulture, $"the newest sample of {name} is of {replica.NewestAt.UtcDateTime:HH:mm:ss} UTC, longer ago than two intervals, which are {(interval * 2).TotalSeconds:0.#} s{usual}"));
            }

            if (age < -ClockSkewMax)
            {
                return new(UnknownReason.Contradictory, $"the newest sample of {name} lies {-age.TotalSeconds:0.#} s in the future");
            }

            if (replica.Complaint is { } complaint)
            {
                return new(complaint.Reason, $"{name}: {complaint.Detail}");
            }

            if (!replica.HasSpan)
            {
                return new(UnknownReason.ReplicaMissing, $"ready replica {name} has only one sample, a rate needs two");
            }
        }

        return null;
    }

    private Measurement Judge(IReadOnlyCollection<string> ready, DateTimeOffset now, TimeSpan interval, double sloShare, bool mayBeIdle)
    {
        var traffic = TrafficSummary.Of(_replicas, ready, now, sloShare);
        var complete = traffic.Long.Seconds >= Math.Min(15, interval.TotalSeconds * 2);
        if (traffic.Long.RequestRate == 0 && traffic.Long.AnswerRate == 0 && traffic.QueueRows == 0 && traffic.InFlight == 0)
        {
            return complete && mayBeIdle
                ? new Measurement.Idle(TimeSpan.FromSeconds(traffic.Long.Seconds))
                : new Measurement.Unknown(UnknownReason.ReplicaMissing, "no traffic was seen, but the time or the replicas that are known do not suffice to call it idle");
        }

        _dispersion = traffic.Dispersion ?? _dispersion;
        return new Measurement.Measured(traffic with { Dispersion = _dispersion });
    }
}
