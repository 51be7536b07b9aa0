namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Requests in order.</summary>
/// <param name="Name">What the traffic is like.</param>
/// <param name="Requests">Index of the item asked for, for each request.</param>
/// <param name="Items">The items.</param>
internal sealed record Trace(string Name, int[] Requests, TraceItem[] Items);
