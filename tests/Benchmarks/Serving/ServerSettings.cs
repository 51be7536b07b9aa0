using System.Globalization;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What a server is started with.</summary>
/// <param name="MaxSize">Most rows in one execution.</param>
/// <param name="QueueRequests">Requests that may wait.</param>
/// <param name="CacheBytes">Size of a response cache; 0 for none.</param>
/// <param name="Environment">Variables, <c>NAME=VALUE</c>; null for none.</param>
internal sealed record ServerSettings(int MaxSize, int QueueRequests = 1024, long CacheBytes = 0, IReadOnlyList<string>? Environment = null)
{
    /// <summary>The settings document.</summary>
    public string ToJson() => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"batching":{"maxSize":{{MaxSize}},"maxDelayMs":0},"queue":{"maxRequests":{{QueueRequests}}}{{(CacheBytes == 0 ? "" : $$""","cache":{"policy":"SIEVE","maxBytes":{{CacheBytes}}}""")}}}""");
}
