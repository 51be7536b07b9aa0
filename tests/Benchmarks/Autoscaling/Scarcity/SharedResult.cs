using System.Collections.Immutable;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>What became of agents that shared GPUs.</summary>
internal sealed record SharedResult
{
    public required DivisionRule Rule { get; init; }

    public required int Gpus { get; init; }

    /// <summary>Mean of what each agent missed of a utility of 1, by minute.</summary>
    public required ImmutableArray<double> LostUtility { get; init; }

    /// <summary>Mean share of requests within the SLO, by agent.</summary>
    public required ImmutableArray<double> Attainment { get; init; }

    public required double GpuHours { get; init; }

    public required double ScaleActionsPerHour { get; init; }

    /// <summary>Most replicas that the agents' own plans came to together.</summary>
    public required int WantedPeak { get; init; }

    public required double WantedMean { get; init; }
}
