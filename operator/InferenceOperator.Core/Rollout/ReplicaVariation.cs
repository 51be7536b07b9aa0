namespace InferenceOperator.Core.Rollout;

/// <summary>How equal replicas of one agent differ from one another, learned while they serve. One owner; not thread safe.</summary>
/// <param name="isOneMachine">True: they share a machine, so that what slows one slows all, and a bet need not outlast it.</param>
public sealed class ReplicaVariation(bool isOneMachine)
{
    /// <summary>
    /// Blocks of a bet on latency while little was watched: neighbours slow a replica for seconds to minutes. Failures come from what
    /// a replica is, not from where it runs, so that they are trusted to be unlike from block to block until they show otherwise.
    /// </summary>
    public const int LatencyBlocksUnseen = 4;

    /// <summary>The same however long the old replicas were alike: what was never seen yet may hold on to one for minutes, once.</summary>
    public const int LatencyBlocksLeast = 2;

    private readonly MeasureVariation _latency = isOneMachine ? new(1, 1) : new(LatencyBlocksUnseen, LatencyBlocksLeast);
    private readonly MeasureVariation _errors = new(1, 1);

    /// <summary>Takes one block of the revision that serves, or of the old one while another is tried.</summary>
    /// <param name="replicas">Each replica's requests.</param>
    /// <param name="rules">What is allowed.</param>
    public void Take(IReadOnlyCollection<ReplicaCounts> replicas, RolloutRules rules)
    {
        if (rules.MissesAllowed is { } allowed)
        {
            _latency.Take([.. replicas.Select(static r => (r.Replica, r.Counts.Judged, r.Counts.Missed))], allowed);
        }

        _errors.Take([.. replicas.Select(static r => (r.Replica, r.Counts.Requests, r.Counts.Failed))], RolloutEvidence.ErrorsAllowed);
    }

    /// <summary>What was learned so far.</summary>
    public RolloutReach Reach() => new(_latency.Reach(), _errors.Reach());
}
