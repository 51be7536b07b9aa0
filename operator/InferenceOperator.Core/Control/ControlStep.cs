using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>What a control step says.</summary>
public sealed record ControlStep
{
    /// <summary>The whole record of the decision; equal inputs give equal records.</summary>
    public required DecisionRecord Decision { get; init; }

    /// <summary>Replicas to run now.</summary>
    public required int Replicas { get; init; }

    /// <summary>Batch limits to have in force now.</summary>
    public required BatchLimits Batching { get; init; }

    /// <summary>Who is to answer now.</summary>
    public VariantChoice Choice { get; init; } = VariantChoice.Full;

    /// <summary>Fits of the variants that may be chosen, of those that were measured.</summary>
    public ImmutableArray<VariantStatus> VariantFits { get; init; } = [];

    public required Measurement Measurement { get; init; }

    public required SloVerdict Slo { get; init; }

    /// <summary>The fit in the form in which status keeps it; null before the first execution.</summary>
    public FitStatus? Fit { get; init; }

    /// <summary>True: the controller has just begun and has had no time to measure anything. What was said before it of what is measured stands.</summary>
    public bool IsNew { get; init; }

    /// <summary>When to step again at the latest, above zero.</summary>
    public required TimeSpan WakeAfter { get; init; }
}
