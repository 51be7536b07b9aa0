using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>What a decision rests on of one variant that the operator may choose. Immutable.</summary>
public sealed record VariantBasis
{
    public required string Name { get; init; }

    /// <summary>Burst or Steady.</summary>
    public required VariantUse Use { get; init; }

    /// <summary>Relative to the model itself; null: not declared.</summary>
    public double? Accuracy { get; init; }

    /// <summary>True: every ready replica that was measured has it in memory.</summary>
    public bool IsResident { get; init; }

    /// <summary>s(b); null: it has not been measured.</summary>
    public ServiceTime? Service { get; init; }

    /// <summary>Largest batch of it ever seen, rows; 0: none.</summary>
    public int LargestBatch { get; init; }

    /// <summary>What the capacities in use were found with.</summary>
    public required CapacityAnchors Capacities { get; init; }

    /// <summary>True: the last verdict was that the SLO cannot be held by it.</summary>
    public bool WasInfeasible { get; init; }
}
