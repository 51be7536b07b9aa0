using System.Collections.Immutable;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Control;

/// <summary>Counts replicas by where they stand, and learns from them how long a start takes.</summary>
internal sealed class ReplicaCensus
{
    private readonly StartUpTimes _startUps = new();
    private readonly Dictionary<string, DateTimeOffset> _startingSince = new(StringComparer.Ordinal);
    private readonly HashSet<DateTimeOffset> _reported = [];

    /// <summary>Usual time from wanted to ready.</summary>
    public TimeSpan StartUp => _startUps.Usual;

    public int Ready { get; private set; }

    /// <summary>Starting, for at most twice the usual time: counts as supply.</summary>
    public int Pending { get; private set; }

    /// <summary>Starting for longer, or ended: no supply.</summary>
    public int Overdue { get; private set; }

    /// <summary>Without a place: no supply, and another would find none either.</summary>
    public int Unschedulable { get; private set; }

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
