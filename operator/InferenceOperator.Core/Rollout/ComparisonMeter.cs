using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Rollout;

/// <summary>Makes blocks of the samples of both sides' replicas, or of those of the one that serves. One owner; not thread safe.</summary>
/// <remarks>Holds one sample for each replica that runs. What a process did before its first sample is left out: it was cold.</remarks>
public sealed class ComparisonMeter
{
    private readonly Dictionary<string, ReplicaSample> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SideCounts> _old = new(StringComparer.Ordinal);
    private SideCounts _new;
    private DateTimeOffset? _since;
    private (RevisionName From, RevisionName? To)? _sides;

    /// <summary>Takes samples; gives a block when its time is over and both sides were heard.</summary>
    /// <param name="samples">In any order.</param>
    /// <param name="running">The replicas with their revisions.</param>
    /// <param name="from">The old side.</param>
    /// <param name="to">The new side; null: none is tried.</param>
    /// <param name="length">Least time of a block: longer than a surge of a queue lasts, and than two scrapes are apart.</param>
    /// <param name="now">The time (UTC).</param>
    public MeteredBlock? Take(IEnumerable<ReplicaSample> samples, IReadOnlyCollection<ReplicaObservation> running, RevisionName from, RevisionName? to, TimeSpan length, DateTimeOffset now)
    {
        if (_sides != (from, to))
        {
            (_sides, _new, _since) = ((from, to), default, null);
            _old.Clear();
            _newest.Clear();
        }

        var sides = running.Where(r => r.Revision == from || r.Revision == to).ToDictionary(static r => r.Name, static r => r.Revision, StringComparer.Ordinal);
        foreach (var gone in _newest.Keys.Where(name => !sides.ContainsKey(name)).ToList())
        {
            _newest.Remove(gone);
        }

        foreach (var sample in samples.OrderBy(static s => s.SampledAt).Where(s => sides.ContainsKey(s.Replica)))
        {
            Add(sample, sides[sample.Replica] == from);
        }

        _since ??= now;
        var old = _old.Values.Aggregate(default(SideCounts), static (sum, counts) => sum + counts);
        if (now - _since < length || old.Requests < 1 || (to is not null && _new.Requests < 1))
        {
            return null;
        }

        var block = new MeteredBlock(new(old, _new), [.. _old.Select(static pair => new ReplicaCounts(pair.Key, pair.Value))]);
        (_new, _since) = (default, now);
        _old.Clear();
        return block;
    }

    private void Add(ReplicaSample sample, bool isOld)
    {
        if (CounterCheck.Complaint(sample.Counters) is not null || (_newest.TryGetValue(sample.Replica, out var before) && before.SampledAt >= sample.SampledAt))
        {
            return;
        }

        _newest[sample.Replica] = sample;

        // Two sources tell the same time differently; a step from one to the other would count some of it twice, or never.
        if (before is null || before.Source != sample.Source || CounterStep.Between(before, sample) is not { IsFromStart: false } step)
        {
            return;
        }

        var failed = Math.Max(0, sample.Counters.Refused - before.Counters.Refused);
        var counts = new SideCounts(step.Answered + failed, failed, step.SloRequests, Math.Clamp(step.SloRequests - step.SloMet, 0, step.SloRequests))
        {
            Compared = Math.Max(0, sample.Counters.ShadowRows - before.Counters.ShadowRows),
            Differed = Math.Max(0, sample.Counters.ShadowDiffered - before.Counters.ShadowDiffered),
        };
        if (isOld)
        {
            _old[sample.Replica] = _old.GetValueOrDefault(sample.Replica) + counts;
        }
        else
        {
            _new += counts;
        }
    }
}
