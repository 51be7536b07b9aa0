namespace InferenceRuntime.Core.Caching;

/// <summary>What a cache holds now.</summary>
/// <param name="Entries">Responses.</param>
/// <param name="Bytes">Memory of keys, values and bookkeeping.</param>
/// <param name="Evictions">Responses given up for lack of room so far.</param>
public readonly record struct CacheContent(long Entries, long Bytes, long Evictions);
