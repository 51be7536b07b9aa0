using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Control;

/// <summary>What the decision looked at.</summary>
public sealed record DecisionInputs
{
    /// <summary><c>Measured</c>, <c>Idle</c> or <c>Unknown</c>.</summary>
    public required string Measurement { get; init; }

    /// <summary>Why it is unknown.</summary>
    public string? UnknownBecause { get; init; }

    public DateTimeOffset? SampledAt { get; init; }

    public MetricSource? Source { get; init; }

    public TrafficWindow? Traffic { get; init; }

    /// <summary>Replicas that were wanted before this step.</summary>
    public int Replicas { get; init; }

    public int Ready { get; init; }

    /// <summary>On their way and young enough to count as supply.</summary>
    public int Pending { get; init; }

    /// <summary>On their way for more than twice the usual start-up, or without a place.</summary>
    public int Overdue { get; init; }

    /// <summary>Batch limit before this step.</summary>
    public int MaxBatch { get; init; }

    /// <summary>Start-up time planned with, seconds.</summary>
    public double StartUpSeconds { get; init; }
}
