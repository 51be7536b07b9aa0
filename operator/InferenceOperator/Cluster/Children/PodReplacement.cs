namespace InferenceOperator.Cluster.Children;

/// <summary>How a Deployment replaces its pods when their template changes.</summary>
internal enum PodReplacement
{
    /// <summary>A new pod comes before an old one goes: no replica is missing meanwhile, but there has to be room for one more.</summary>
    Surge,

    /// <summary>An old pod goes before a new one comes: needs no room, and one replica is missing meanwhile.</summary>
    InPlace,
}
