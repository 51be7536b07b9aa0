using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>The forms of the model that a basis knows, the model itself first. Pure.</summary>
internal static class ModelOptions
{
    /// <param name="basis">All that counts.</param>
    /// <param name="traffic">What is measured; null: nothing.</param>
    /// <param name="memo">Saves finding capacities again.</param>
    public static ImmutableArray<ModelOption> Of(DecisionBasis basis, TrafficWindow? traffic, CapacityMemo memo)
    {
        var itself = new VariantBasis
        {
            Name = VariantShares.Full,
            Use = VariantUse.Share,
            Accuracy = 1,
            IsResident = true,
            Service = basis.Service,
            LargestBatch = basis.LargestBatch,
            Capacities = basis.Capacities,
            WasInfeasible = basis.WasInfeasible,
        };
        return [Option(basis, itself, traffic, memo), .. (basis.Variants?.Options ?? []).Select(variant => Option(basis, variant, traffic, memo))];
    }

    private static ModelOption Option(DecisionBasis basis, VariantBasis variant, TrafficWindow? traffic, CapacityMemo memo)
    {
        var declared = Objective.Of(basis.Slo, traffic?.OverheadSeconds ?? 0);
        var verdict = declared.Judge(variant.Service, variant.WasInfeasible);
        var objective = declared.Under(verdict);
        var table = new CapacityTable(variant.Capacities, memo);
        var limit = basis.Batching.MaxSize;
        if (variant.Service is { } service)
        {
            table.Rest(service, objective, traffic?.Dispersion, traffic?.RowsPerRequest ?? 1);
            if (objective.HasSlo)
            {
                var ideal = Math.Max(1, BatchPlanner.Ideal(service, objective, limit));
                limit = Math.Min(ideal, Math.Max(basis.Current.Batching.MaxSize, BatchPlanner.Reachable(ideal, variant.LargestBatch)));
            }
        }

        return new()
        {
            Name = variant.Name,
            Use = variant.Use,
            Accuracy = variant.Accuracy,
            IsResident = variant.IsResident,
            Service = variant.Service,
            LargestBatch = variant.LargestBatch,
            Verdict = verdict,
            Objective = objective,
            Table = table,
            Batches = ModelOption.BatchesUpTo(limit),
        };
    }
}
