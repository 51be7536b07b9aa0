namespace InferenceOperator.Benchmarks.Caching;

/// <summary>One thing that is asked for.</summary>
/// <param name="Bytes">What it takes in the cache.</param>
/// <param name="Cost">Microseconds that computing it takes.</param>
internal readonly record struct TraceItem(int Bytes, double Cost);
