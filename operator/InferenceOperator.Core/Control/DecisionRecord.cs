using System.Collections.Immutable;
using System.Text.Json.Serialization;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>One decision with all it rests on; serialisable with <see cref="AgentJson"/>.</summary>
public sealed record DecisionRecord
{
    /// <summary>The rules it was made by, a number of <see cref="DecisionRules"/>.</summary>
    public required int Rules { get; init; }

    public required DecisionBasis Basis { get; init; }

    /// <summary>The demand planned for; null when traffic is not measured.</summary>
    public Forecast? Forecast { get; init; }

    /// <summary>The plans weighed for the demand of now, with their cost and latency, by variant and batch limit; empty while demand or service time is unknown.</summary>
    public ImmutableArray<PlanCandidate> Candidates { get => field.IsDefault ? [] : field; init; } = [];

    /// <summary>Rows per second that one replica carries within the SLO, guard and trim taken off; null when not known.</summary>
    public double? CapacityPerReplica { get; init; }

    /// <summary>Capacities were divided by it; 1 or more.</summary>
    public double TrimFactor { get; init; }

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

    /// <inheritdoc cref="DecisionBasis.At"/>
    [JsonIgnore]
    public DateTimeOffset At => Basis.At;

    /// <inheritdoc cref="DecisionBasis.Agent"/>
    [JsonIgnore]
    public string Agent => Basis.Agent;

    /// <inheritdoc cref="DecisionBasis.Generation"/>
    [JsonIgnore]
    public long Generation => Basis.Generation;

    [JsonIgnore]
    public ScalingMode Mode => Basis.Scaling.Mode;

    public bool Equals(DecisionRecord? other) =>
        other is not null && Rules == other.Rules && Basis == other.Basis && Forecast == other.Forecast && Candidates.SequenceEqual(other.Candidates)
        && CapacityPerReplica.Equals(other.CapacityPerReplica) && TrimFactor.Equals(other.TrimFactor) && PredictedSeconds.Equals(other.PredictedSeconds)
        && RequiredReplicas == other.RequiredReplicas && Proposed == other.Proposed && Applied == other.Applied
        && Rule == other.Rule && Guards.SequenceEqual(other.Guards) && Reason == other.Reason;

    public override int GetHashCode() => HashCode.Combine(Basis.At, Basis.Agent, Rule, Proposed, Applied, Reason);
}
