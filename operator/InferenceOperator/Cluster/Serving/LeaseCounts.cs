namespace InferenceOperator.Cluster.Serving;

/// <summary>Leases of the shards.</summary>
/// <param name="Shards">How many there are.</param>
/// <param name="Held">How many are worked on here.</param>
/// <param name="Gained">Times that work began here.</param>
/// <param name="Lost">Times that it had to end because a Lease was not renewed in time or was taken.</param>
internal sealed record LeaseCounts(int Shards, int Held, long Gained, long Lost);
