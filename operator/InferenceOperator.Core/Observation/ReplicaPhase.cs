namespace InferenceOperator.Core.Observation;

/// <summary>Where one replica stands.</summary>
public enum ReplicaPhase
{
    /// <summary>Wanted, but no place was found for it: no node, no GPU, no quota.</summary>
    Unschedulable,

    /// <summary>On its way: scheduled, pulling, loading, warming up.</summary>
    Starting,

    /// <summary>Answers requests.</summary>
    Ready,

    /// <summary>Finishes what it has and takes nothing new.</summary>
    Draining,

    /// <summary>Ended or keeps ending; it is started again with backoff.</summary>
    Failed,
}
