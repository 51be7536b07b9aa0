using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Simulation.Measuring;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>All that a policy may look at: the metrics plane, late and lossy as it is, and the replicas as the API server shows them, at once.</summary>
public sealed record PolicyView
{
    /// <summary>Seconds since the start.</summary>
    public required double Now { get; init; }

    public required MetricHistory Metrics { get; init; }

    /// <summary>Replicas that were last asked for.</summary>
    public required int Wanted { get; init; }

    /// <summary>All replicas, draining ones too.</summary>
    public required ImmutableArray<ReplicaStanding> Replicas { get; init; }

    /// <summary>Fewest replicas.</summary>
    public required int Min { get; init; }

    /// <summary>Most replicas.</summary>
    public required int Max { get; init; }

    public int Ready => Replicas.Count(static r => r.Phase == ReplicaPhase.Ready);

    /// <summary>Replicas on their way: starting, or without a place.</summary>
    public int Unready => Replicas.Count(static r => r.Phase is not (ReplicaPhase.Ready or ReplicaPhase.Draining));
}
