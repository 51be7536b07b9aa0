namespace InferenceOperator.Kubernetes.Transport;

/// <summary>Growing pauses between tries.</summary>
/// <param name="First">The pause after the first failure, before jitter.</param>
/// <param name="Max">The longest pause.</param>
internal readonly record struct Backoff(TimeSpan First, TimeSpan Max)
{
    /// <summary>The pause after <paramref name="failures"/> failures in a row: doubling, between half and all of it by chance.</summary>
    /// <param name="failures">At least 1.</param>
    /// <param name="jitter">In [0, 1).</param>
    public TimeSpan After(int failures, double jitter)
    {
        var full = Math.Min(First.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 30)), Max.TotalSeconds);
        return TimeSpan.FromSeconds(full * (0.5 + (jitter / 2)));
    }
}
