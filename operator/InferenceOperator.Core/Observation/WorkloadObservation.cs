using System.Collections.Immutable;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Observation;

/// <summary>What runs for one agent, as a back end sees it now.</summary>
public sealed record WorkloadObservation
{
    public static WorkloadObservation Nothing { get; } = new();

    /// <summary>Replicas that the back end was last told to run; null when it runs nothing yet.</summary>
    public int? WantedReplicas { get; init; }

    public ImmutableArray<ReplicaObservation> Replicas { get; init; } = [];

    /// <summary>Why the model cannot be served: file missing, damaged, wrong hash, operator set lacking. Null: no complaint.</summary>
    public string? ModelProblem { get; init; }

    /// <summary>Why the last plan could not be applied, where only a change from outside can mend that or waiting has not helped. Null: it was, or may soon be.</summary>
    public string? ApplyProblem { get; init; }

    /// <summary>Why the last plan could not be applied yet, where the next try may well succeed. Null: it was, or see <see cref="ApplyProblem"/>.</summary>
    public string? ApplyDelay { get; init; }

    /// <summary>Why it is not known how many GPUs are free, where that would matter; null: it is known, or does not.</summary>
    public string? CapacityUnknown { get; init; }

    /// <summary>SHA-256 of the model that the ready replicas serve, when they said so.</summary>
    public string? ServingSha256 { get; init; }

    /// <summary>On what the ready replicas run the model; null: they differ, or have not said.</summary>
    public ModelPlacement? Placement { get; init; }

    /// <summary>What is lacking for replicas that find no place, where the back end can tell; null: nothing, or only the replicas' own messages are known.</summary>
    public CapacityLack? Lack { get; init; }

    /// <summary>Replicas of a former declaration that are being replaced; null: none is.</summary>
    public RolloutProgress? Rollout { get; init; }

    /// <summary>Generation of the resource that what runs was last made to follow; null: the back end keeps none.</summary>
    public long? Generation { get; init; }

    /// <summary>What lets requests wait; null: nothing does, so that an agent without replicas would turn them away.</summary>
    public HoldingEndpoint? Endpoint { get; init; }

    /// <summary>Who else writes the number of replicas, such as <c>HorizontalPodAutoscaler ads/ranker</c>; null: nobody that is known.</summary>
    public string? OtherWriter { get; init; }

    /// <summary>Why it cannot be told who else writes the number of replicas; null: it can.</summary>
    public string? WritersUnknown { get; init; }

    /// <summary>The revision that the manifest asks for; null: it cannot be made out, because the model cannot be looked at for example.</summary>
    public RevisionName? WantedRevision { get; init; }

    /// <summary>The revisions that are there, with or without replicas; those with the most replicas first.</summary>
    public ImmutableArray<RevisionName> Revisions { get; init; } = [];

    /// <summary>Label selector of the pods; null locally.</summary>
    public string? Selector { get; init; }
}
