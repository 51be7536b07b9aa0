namespace InferenceRuntime.Contract;

/// <summary>Bounds of the queue in front of the model. What exceeds either is refused at once with 429, low priority first.</summary>
public sealed record QueueSettings
{
    /// <summary>Levels of priority: 1 is the highest, this the lowest. A request that asks for a lower one has the lowest.</summary>
    public const int PriorityLevels = 8;

    /// <summary>The level of requests that ask for none while <see cref="DefaultPriority"/> is absent.</summary>
    public const int DefaultPriorityLevel = 4;

    /// <summary>Largest legal <see cref="TimeoutMs"/>.</summary>
    public const double TimeoutMsLimit = 3_600_000;

    /// <summary>Requests that may wait, 1 to 1,000,000. Default 1,024.</summary>
    public int MaxRequests { get; set; } = 1024;

    /// <summary>Bytes of tensors that may wait, at least 1. Default 256 MiB.</summary>
    public long MaxBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Longest a request waits, milliseconds, above 0, at most 3,600,000: then it is answered as expired and never executed. A
    /// request's own timeout may only be shorter. Absent: as long as its own.
    /// </summary>
    public double? TimeoutMs { get; set; }

    /// <summary>Level of requests that ask for none, 1 to 8. Absent: 4.</summary>
    public int? DefaultPriority { get; set; }

    internal IEnumerable<string> Validate()
    {
        if (MaxRequests is < 1 or > 1_000_000)
        {
            yield return $"queue.maxRequests: {MaxRequests} is not between 1 and 1000000";
        }

        if (MaxBytes < 1)
        {
            yield return $"queue.maxBytes: {MaxBytes} is not positive";
        }

        if (TimeoutMs is not (null or (> 0 and <= TimeoutMsLimit)))
        {
            yield return $"queue.timeoutMs: {TimeoutMs} is not above 0 and at most {TimeoutMsLimit}";
        }

        if (DefaultPriority is < 1 or > PriorityLevels)
        {
            yield return $"queue.defaultPriority: {DefaultPriority} is not between 1 and {PriorityLevels}";
        }
    }
}
