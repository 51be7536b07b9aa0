namespace InferenceRuntime.Contract;

/// <summary>Bounds of the queue in front of the model. What exceeds either is refused at once with 429.</summary>
public sealed record QueueSettings
{
    /// <summary>Requests that may wait, 1 to 1,000,000. Default 1,024.</summary>
    public int MaxRequests { get; set; } = 1024;

    /// <summary>Bytes of tensors that may wait, at least 1. Default 256 MiB.</summary>
    public long MaxBytes { get; set; } = 256L << 20;

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
    }
}
