namespace InferenceRuntime.Caching;

/// <summary>Where a replica that starts gets responses, and how much it may spend on that.</summary>
/// <param name="Peers">Admin ports of replicas of the same model, tried in order; empty: none.</param>
/// <param name="TokenPath">File with the bearer token of their admin ports.</param>
/// <param name="BytesMax">Bytes of keys and outputs together.</param>
/// <param name="TimeMax">Time for all peers together; readiness waits no longer.</param>
internal sealed record PrefetchOptions(IReadOnlyList<Uri> Peers, string TokenPath, long BytesMax, TimeSpan TimeMax);
