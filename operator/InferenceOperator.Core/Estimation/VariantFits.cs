using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Estimation;

/// <summary>The service times of the variants that the operator may choose, each learned from its own executions.</summary>
/// <remarks>What the others execute, the model itself and variants with a declared share, is one mixture, and is left to its own fit. One owner; not thread safe.</remarks>
internal sealed class VariantFits
{
    private readonly Dictionary<string, ServiceTimeFit> _fits = new(StringComparer.Ordinal);

    /// <summary>The fit of a variant; null: it may not be chosen.</summary>
    public ServiceTimeFit? Of(string variant) => _fits.GetValueOrDefault(variant);

    /// <summary>Takes the variants that may be chosen from now on; others are forgotten.</summary>
    public void Take(IReadOnlyCollection<string> variants)
    {
        foreach (var gone in _fits.Keys.Except(variants).ToList())
        {
            _fits.Remove(gone);
        }

        foreach (var variant in variants)
        {
            _fits.TryAdd(variant, new ServiceTimeFit());
        }
    }

    /// <summary>Takes the executions of one step.</summary>
    /// <param name="all">Of whomever.</param>
    /// <param name="byVariant">Those that are known by variant.</param>
    /// <param name="largestBatch">Largest batch among recent executions, rows.</param>
    /// <returns>The executions of none of them.</returns>
    public ExecutionSums Learn(ExecutionSums all, IReadOnlyDictionary<string, ExecutionSums> byVariant, int largestBatch)
    {
        foreach (var (variant, fit) in _fits)
        {
            if (byVariant.TryGetValue(variant, out var executions))
            {
                fit.Add(executions, largestBatch);
                all -= executions;
            }
        }

        return all;
    }
}
