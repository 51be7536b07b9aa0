using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Rollout;

/// <summary>All that one look at a roll-out may rest on.</summary>
public sealed record RolloutObservation
{
    /// <summary>The revision that the manifest asks for; null: it cannot be made out now, so that nothing moves.</summary>
    public required RevisionName? Wanted { get; init; }

    /// <summary>Replicas that the controller wants, of both sides together.</summary>
    public required int Replicas { get; init; }

    /// <summary>Replicas that the present demand takes by the model; null: not known.</summary>
    public int? Required { get; init; }

    /// <summary>All replicas, each with its revision; those whose revision is not known count for none.</summary>
    public required ImmutableArray<ReplicaObservation> Running { get; init; }

    /// <summary>Both sides over a block of time that has just ended; null: none has.</summary>
    public RolloutBlock? Block { get; init; }

    /// <summary>What the old replicas show of how long chance holds on to one of them.</summary>
    public RolloutReach Reach { get; init; } = RolloutReach.Unseen;

    /// <summary>False: what the replicas do is unknown. Nothing goes forward or back for that.</summary>
    public bool MetricsKnown { get; init; } = true;

    /// <summary>True: it is proven that nobody asks for anything.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Who else writes the number of replicas; null: nobody. With such a one there is no second side.</summary>
    public string? OtherWriter { get; init; }

    public required RolloutRules Rules { get; init; }

    /// <summary>Replicas of one revision that do not drain.</summary>
    internal IEnumerable<ReplicaObservation> Live(RevisionName revision) => Running.Where(r => r.Revision == revision && r.Phase is not ReplicaPhase.Draining);

    internal int Ready(RevisionName revision) => Live(revision).Count(static r => r.Phase is ReplicaPhase.Ready);
}
