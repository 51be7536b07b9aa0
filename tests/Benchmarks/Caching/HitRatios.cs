namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Shares, 0 to 1, of what was asked for that the cache gave.</summary>
internal readonly record struct HitRatios(double Requests, double Bytes, double TimeSaved);
