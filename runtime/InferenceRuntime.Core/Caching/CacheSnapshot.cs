namespace InferenceRuntime.Core.Caching;

/// <summary>What a response cache did so far and holds now.</summary>
/// <param name="Hits">Requests answered from the cache.</param>
/// <param name="Joined">Requests answered by the computation of an equal request that was under way.</param>
/// <param name="Misses">Requests that looked, found nothing and were computed.</param>
/// <param name="Bypassed">Requests that did not look, since the cache did not pay.</param>
/// <param name="Evictions">Responses given up for lack of room.</param>
/// <param name="SecondsSaved">Compute time that hits and joined requests did not take.</param>
/// <param name="Entries">Responses held.</param>
/// <param name="Bytes">Memory held: keys, values and bookkeeping.</param>
public readonly record struct CacheSnapshot(
    long Hits, long Joined, long Misses, long Bypassed, long Evictions, double SecondsSaved, long Entries, long Bytes);
