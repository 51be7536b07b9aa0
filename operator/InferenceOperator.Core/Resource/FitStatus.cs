namespace InferenceOperator.Core.Resource;

/// <summary>The service time s(b) = fixed + perRow·b of an execution of b rows.</summary>
public sealed record FitStatus
{
    public Duration Fixed { get; init; }

    public Duration PerRow { get; init; }

    /// <summary>Standard deviation of an execution's time from the line.</summary>
    public Duration Residual { get; init; }

    /// <summary>Mean rows of the executions it rests on, decimal text.</summary>
    public string MeanBatch { get => field ?? "0"; init; } = "0";

    /// <summary>Standard deviation of their rows, decimal text.</summary>
    public string BatchDeviation { get => field ?? "0"; init; } = "0";

    /// <summary>Largest batch ever seen.</summary>
    public int LargestBatch { get; init; }

    /// <summary>Executions it rests on, forgotten ones not counted.</summary>
    public long Executions { get; init; }

    /// <summary>False: batches were too alike to tell <see cref="Fixed"/> from <see cref="PerRow"/>; only their sum at <see cref="MeanBatch"/> is known.</summary>
    public bool Identified { get; init; }
}
