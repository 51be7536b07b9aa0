namespace InferenceRuntime.Contract;

/// <summary>Limits of the dynamic batcher.</summary>
public sealed record BatchingSettings
{
    /// <summary>Largest legal <see cref="MaxSize"/>.</summary>
    public const int MaxSizeLimit = 65_536;

    /// <summary>Largest legal <see cref="MaxDelayMs"/>.</summary>
    public const double MaxDelayMsLimit = 10_000;

    /// <summary>Most rows in one execution, 1 to 65,536. Default 32. A single request may have more: it runs in pieces.</summary>
    public int MaxSize { get; set; } = 32;

    /// <summary>Longest the oldest request waits for company, milliseconds, 0 to 10,000. Default 0: a free slot takes what is there.</summary>
    public double MaxDelayMs { get; set; }

    internal IEnumerable<string> Validate()
    {
        if (MaxSize is < 1 or > MaxSizeLimit)
        {
            yield return $"batching.maxSize: {MaxSize} is not between 1 and {MaxSizeLimit}";
        }

        if (MaxDelayMs is not (>= 0 and <= MaxDelayMsLimit))
        {
            yield return $"batching.maxDelayMs: {MaxDelayMs} is not between 0 and {MaxDelayMsLimit}";
        }
    }
}
