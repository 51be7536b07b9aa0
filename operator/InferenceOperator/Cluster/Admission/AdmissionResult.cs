namespace InferenceOperator.Cluster.Admission;

/// <summary>What became of a request to the webhook.</summary>
internal enum AdmissionResult
{
    /// <summary>Allowed without a word.</summary>
    Allowed,

    /// <summary>Allowed with warnings.</summary>
    Warned,

    /// <summary>Refused.</summary>
    Refused,

    /// <summary>No request that can be understood, or one that is too large.</summary>
    Malformed,

    /// <summary>Not looked at, because too many were.</summary>
    Busy,
}
