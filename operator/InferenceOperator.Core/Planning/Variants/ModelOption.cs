using System.Collections.Immutable;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>One form of the model that may be chosen, with all that is known of it.</summary>
internal sealed record ModelOption
{
    /// <summary><c>full</c> is the model itself.</summary>
    public required string Name { get; init; }

    /// <summary>What the manifest allows; the model itself may always answer.</summary>
    public required VariantUse Use { get; init; }

    /// <summary>Null: it has not been measured.</summary>
    public required ServiceTime? Service { get; init; }

    /// <summary>Relative to the model itself; null: not declared.</summary>
    public double? Accuracy { get; init; }

    /// <summary>True: every ready replica has it in memory.</summary>
    public bool IsResident { get; init; } = true;

    /// <summary>Largest batch of it ever seen, rows.</summary>
    public int LargestBatch { get; init; }

    public required SloVerdict Verdict { get; init; }

    /// <summary>What it is planned for, by that verdict.</summary>
    public required Objective Objective { get; init; }

    /// <summary>Resting on service time and objective; not asked when it has not been measured.</summary>
    public required CapacityTable Table { get; init; }

    /// <summary>Batch limits to weigh, ascending; the last one is what is planned for.</summary>
    public required ImmutableArray<int> Batches { get; init; }

    /// <summary>True: it may answer everything for good.</summary>
    public bool MayStay => Name == VariantShares.Full || Use == VariantUse.Steady;

    /// <summary>True: the SLO cannot be held by it on however many replicas.</summary>
    public bool IsTooSlow => Objective.SizesByUtilisation;

    /// <summary>True: it is not less accurate than is asked for. The model itself never is.</summary>
    public bool IsAccurate(double? floor) => Name == VariantShares.Full || floor is null || Accuracy >= floor;

    /// <summary>Powers of two below a limit, and the limit: what is worth weighing, since capacity grows with the limit up to b*.</summary>
    public static ImmutableArray<int> BatchesUpTo(int limit)
    {
        var batches = ImmutableArray.CreateBuilder<int>();
        for (var batch = 1; batch < limit; batch *= 2)
        {
            batches.Add(batch);
        }

        batches.Add(limit);
        return batches.ToImmutable();
    }
}
