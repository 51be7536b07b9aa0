using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Observability;

/// <summary>What <c>/metrics</c> shows of one model.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Requests">Its requests, but for those in flight.</param>
/// <param name="Engine">The sums of the version that serves; null when none does.</param>
/// <param name="Cache">That version's cache; null when none serves.</param>
internal sealed record ModelReading(string Name, RequestSnapshot Requests, EngineSnapshot? Engine, CacheSnapshot? Cache);
