namespace InferenceOperator.Core.Observation;

/// <summary>Why a measurement is unknown.</summary>
public enum UnknownReason
{
    /// <summary>No replica is ready, so nobody measures.</summary>
    NoReadyReplica,

    /// <summary>No sample has come yet.</summary>
    NoSample,

    /// <summary>A ready replica's newest sample is older than two intervals.</summary>
    Stale,

    /// <summary>A ready replica has no sample, or only one.</summary>
    ReplicaMissing,

    /// <summary>A value is not a finite number, or negative.</summary>
    NotFinite,

    /// <summary>Values that exclude each other: more executions' rows than arrived, a sample from the future.</summary>
    Contradictory,
}
