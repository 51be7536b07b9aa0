namespace InferenceRuntime.Contract;

/// <summary>Values of the label <c>outcome</c>; a closed set.</summary>
public static class RequestOutcomes
{
    public const string Answered = "answered";
    public const string Invalid = "invalid";
    public const string QueueFull = "queue_full";
    public const string Expired = "expired";
    public const string Cancelled = "cancelled";
    public const string Draining = "draining";
    public const string Failed = "failed";

    public static IReadOnlyList<string> All { get; } = [Answered, Invalid, QueueFull, Expired, Cancelled, Draining, Failed];
}
