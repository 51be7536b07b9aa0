using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>The cumulative sums of one replica process since it started, and its gauges now.</summary>
public readonly record struct ReplicaTotals
{
    public long Arrived { get; init; }

    public long Answered { get; init; }

    /// <summary>Refused or expired.</summary>
    public long Refused { get; init; }

    /// <summary>Answered within the target.</summary>
    public long Met { get; init; }

    public ExecutionSums Executions { get; init; }

    /// <summary>Those of them on the faster variant.</summary>
    public ExecutionSums BurstExecutions { get; init; }

    public PhaseSums Phases { get; init; }

    public ArrivalSums Arrivals { get; init; }

    public double LatencySum { get; init; }

    /// <summary>Time integral of the requests held, request seconds.</summary>
    public double HeldSeconds { get; init; }

    /// <summary>Requests waiting.</summary>
    public int Waiting { get; init; }

    /// <summary>Requests waiting or running.</summary>
    public int Held { get; init; }

    /// <summary>Seconds in which an execution ran, the running one included.</summary>
    public double BusySeconds { get; init; }

    public int MaxBatch { get; init; }

    public double MaxDelaySeconds { get; init; }
}
