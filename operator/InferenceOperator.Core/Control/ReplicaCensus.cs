using System.Collections.Immutable;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Control;

/// <summary>Counts replicas by where they stand, and learns from them how long a start takes.</summary>
internal sealed class ReplicaCensus
{
    private readonly StartUpTimes _startUps = new();
    private readonly Dictionary<string, DateTimeOffset> _startingSince = new(StringComparer.Ordinal);
    private readonly HashSet<DateTimeOffset> _reported = [];
    private readonly Queue<(DateTimeOffset At, int Ready)> _readyBefore = new();
    private ImmutableArray<DateTimeOffset> _readyAhead = [];

    /// <summary>Looks and replicas on their way that are kept for <see cref="Supply"/>.</summary>
    private const int BeforeMax = 64;
    private const int AheadMax = 64;

    /// <summary>Usual time from wanted to ready.</summary>
    public TimeSpan StartUp => _startUps.Usual;

    /// <summary>The latest start-up times, oldest first.</summary>
    public IReadOnlyCollection<TimeSpan> StartUps => _startUps.Latest;

    public int Ready { get; private set; }

    /// <summary>Starting, for at most twice the usual time: counts as supply.</summary>
    public int Pending { get; private set; }

    /// <summary>Starting for longer, or ended: no supply.</summary>
    public int Overdue { get; private set; }

    /// <summary>Without a place: no supply, and another would find none either.</summary>
    public int Unschedulable { get; private set; }

    /// <summary>Takes start-up times that another census saw.</summary>
    public void Restore(IEnumerable<TimeSpan> startUps)
    {
        foreach (var time in startUps)
        {
            _startUps.Add(time);
        }
    }

    /// <param name="replicas">All replicas as the back end sees them now.</param>
    /// <param name="reported">Start-up times that replicas report of themselves, for processes that were not seen starting.</param>
    /// <param name="now">The time (UTC).</param>
    public void Take(ImmutableArray<ReplicaObservation> replicas, IEnumerable<(DateTimeOffset ProcessStartedAt, double Seconds)> reported, DateTimeOffset now)
    {
        Learn(replicas, reported.ToList());
        var starting = replicas.Where(r => r.Phase is ReplicaPhase.Starting or ReplicaPhase.Failed).ToList();
        Ready = replicas.Count(r => r.Phase == ReplicaPhase.Ready);
        Pending = starting.Count(r => r.Phase == ReplicaPhase.Starting && now - r.Since <= StartUp * 2);
        Overdue = starting.Count - Pending;
        Unschedulable = replicas.Count(r => r.Phase == ReplicaPhase.Unschedulable);
        _readyAhead = [.. starting.Where(r => r.Phase == ReplicaPhase.Starting && now - r.Since <= StartUp * 2).Select(r => r.Since + StartUp).Order().Take(AheadMax)];
        _readyBefore.Enqueue((now, Ready));
        while (_readyBefore.Count > BeforeMax)
        {
            _readyBefore.Dequeue();
        }
    }

    /// <summary>Who served from a time on, serves now, and will as replicas get ready that are on their way; a step each.</summary>
    /// <param name="from">The time of the measurement; what a clock ahead says is taken as now.</param>
    /// <param name="now">The time of the last look (UTC).</param>
    public ImmutableArray<SupplyStep> Supply(DateTimeOffset from, DateTimeOffset now)
    {
        var steps = ImmutableArray.CreateBuilder<SupplyStep>();
        from = from < now ? from : now;
        foreach (var (at, ready) in _readyBefore.Where(r => r.At >= from))
        {
            if (steps.Count == 0 || steps[^1].Ready != ready)
            {
                steps.Add(new(steps.Count == 0 ? 0 : (at - from).TotalSeconds, ready));
            }
        }

        var (later, count) = (now, Ready);
        foreach (var due in _readyAhead)
        {
            later = due > later ? due : later;
            steps.Add(new((later - from).TotalSeconds, ++count));
        }

        return steps.ToImmutable();
    }

    private void Learn(ImmutableArray<ReplicaObservation> replicas, List<(DateTimeOffset ProcessStartedAt, double Seconds)> reported)
    {
        foreach (var replica in replicas)
        {
            if (replica.Phase is ReplicaPhase.Starting or ReplicaPhase.Unschedulable)
            {
                _startingSince.TryAdd(replica.Name, replica.Since);
            }
            else if (replica.Phase == ReplicaPhase.Ready && _startingSince.Remove(replica.Name, out var since) && replica.Since > since)
            {
                _startUps.Add(replica.Since - since);
            }
        }

        var present = replicas.Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _startingSince.Keys.Where(name => !present.Contains(name)).ToList())
        {
            _startingSince.Remove(gone);
        }

        foreach (var (startedAt, seconds) in reported.Where(r => !_reported.Contains(r.ProcessStartedAt)).Order().ToList())
        {
            _startUps.Add(TimeSpan.FromSeconds(seconds));
            _reported.Add(startedAt);
        }

        _reported.IntersectWith(reported.Select(r => r.ProcessStartedAt));
    }
}
