namespace InferenceOperator.Core.Observation;

/// <summary>Kinds of what a cluster lacks.</summary>
public enum CapacityLackKind
{
    /// <summary>No node offers the device at all.</summary>
    NoSuchDevice,

    /// <summary>All devices of that name are taken.</summary>
    NoFreeDevice,

    /// <summary>Replicas may not be created: a quota, an admission policy.</summary>
    NotAllowed,
}
