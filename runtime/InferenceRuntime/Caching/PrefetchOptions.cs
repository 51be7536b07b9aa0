namespace InferenceRuntime.Caching;

/// <summary>Where a replica that starts gets responses, and how much it may spend on that.</summary>
/// <param name="Peers">Admin ports of replicas of the same model, tried in order; a host name may stand for several.</param>
/// <param name="PeersPath">File with more of them, asked after those; it may be missing. Null: none.</param>
/// <param name="TokenPath">File with the bearer token of their admin ports.</param>
/// <param name="BytesMax">Bytes of keys and outputs together.</param>
/// <param name="TimeMax">Time for all peers together; readiness waits no longer.</param>
internal sealed record PrefetchOptions(IReadOnlyList<Uri> Peers, string? PeersPath, string TokenPath, long BytesMax, TimeSpan TimeMax);
