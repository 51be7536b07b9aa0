namespace InferenceOperator.Core.Resource;

/// <summary>What may wait in front of the model in each replica; what exceeds a bound is refused at once, low priority first.</summary>
public sealed record QueueSpec
{
    /// <summary>Requests that may wait, 1 to 1,000,000.</summary>
    public int Requests { get; init; } = 1024;

    /// <summary>Memory of the tensors that may wait: a quantity in Ki, Mi or Gi.</summary>
    public string Memory { get; init; } = "256Mi";

    /// <summary>Longest that a request waits before it is given up unanswered, above 0, at most 1 h; null: as long as its own timeout.</summary>
    public Duration? Timeout { get; init; }
}
