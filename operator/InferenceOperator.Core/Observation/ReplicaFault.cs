namespace InferenceOperator.Core.Observation;

/// <summary>What keeps a replica from running, in one word for programs.</summary>
public enum ReplicaFault
{
    None,

    /// <summary>Its image cannot be pulled.</summary>
    ImageUnavailable,

    /// <summary>It refuses the model.</summary>
    ModelRejected,

    /// <summary>It was killed for its memory.</summary>
    OutOfMemory,

    /// <summary>It cannot be created as its template says: a Secret or ConfigMap is missing, a field makes no sense.</summary>
    Misconfigured,

    /// <summary>It ends by itself, or is killed, again and again.</summary>
    Crashes,
}
