using InferenceRuntime.Core.Caching;

namespace InferenceRuntime.Caching;

/// <summary>A cache in use with what belongs to it. Replaced as a whole: what still runs for an old one ends in the old one.</summary>
internal sealed record ActiveCache(ResponseCache Responses, Flights Flights, CacheBenefit Benefit);
