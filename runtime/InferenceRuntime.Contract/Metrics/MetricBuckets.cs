namespace InferenceRuntime.Contract;

/// <summary>Fixed histogram bounds, so that series of different replicas and releases add up.</summary>
public static class MetricBuckets
{
    /// <summary>Upper bounds of latency, seconds, 0.1 ms to 30 s.</summary>
    public static IReadOnlyList<double> Seconds { get; } =
    [
        0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
        0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 30,
    ];

    /// <summary>Upper bounds of rows in one execution.</summary>
    public static IReadOnlyList<double> Rows { get; } = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
}
