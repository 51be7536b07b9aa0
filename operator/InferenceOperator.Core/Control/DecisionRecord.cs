using System.Collections.Immutable;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>One decision with all it rests on; serialisable with <see cref="AgentJson"/>.</summary>
public sealed record DecisionRecord
{
    public required DateTimeOffset At { get; init; }

    /// <summary><c>namespace/name</c>.</summary>
    public required string Agent { get; init; }

    public long Generation { get; init; }

    public required ScalingMode Mode { get; init; }

    public required DecisionInputs Inputs { get; init; }

    /// <summary>The service time used; null when nothing is known of it.</summary>
    public FitStatus? Fit { get; init; }

    /// <summary>The demand planned for; null when traffic is not measured.</summary>
    public Forecast? Forecast { get; init; }

    /// <summary>What the forecast rests on beside the measurement, so that it can be made again; null when traffic is not measured.</summary>
    public ForecastState? ForecastState { get; init; }

    /// <summary>The batch limits weighed, best last.</summary>
    public ImmutableArray<BatchCandidate> Candidates { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Rows per second that one replica carries within the SLO, guard taken off; null when not known.</summary>
    public double? CapacityPerReplica { get; init; }

    /// <summary>Predicted latency at the SLO's percentile with the proposed replicas, seconds; null when not known.</summary>
    public double? PredictedSeconds { get; init; }

    /// <summary>Replicas the model asks for before guard rails; null when not known.</summary>
    public int? RequiredReplicas { get; init; }

    /// <summary>What should be.</summary>
    public required Target Proposed { get; init; }

    /// <summary>What is done: the proposal in mode Auto, else what was there.</summary>
    public required Target Applied { get; init; }

    public required DecisionRule Rule { get; init; }

    /// <summary>Guard rails that changed the outcome, in the order they bit.</summary>
    public ImmutableArray<GuardRail> Guards { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>One sentence for a person at three in the morning.</summary>
    public required string Reason { get; init; }

    public bool Equals(DecisionRecord? other) =>
        other is not null && At == other.At && Agent == other.Agent && Generation == other.Generation && Mode == other.Mode
        && Inputs == other.Inputs && Fit == other.Fit && Forecast == other.Forecast && ForecastState == other.ForecastState && Candidates.SequenceEqual(other.Candidates)
        && CapacityPerReplica.Equals(other.CapacityPerReplica) && PredictedSeconds.Equals(other.PredictedSeconds)
        && RequiredReplicas == other.RequiredReplicas && Proposed == other.Proposed && Applied == other.Applied
        && Rule == other.Rule && Guards.SequenceEqual(other.Guards) && Reason == other.Reason;

    public override int GetHashCode() => HashCode.Combine(At, Agent, Rule, Proposed, Applied, Reason);
}
