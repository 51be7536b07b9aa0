using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceRuntime.Contract;

namespace InferenceOperator.Workloads;

/// <summary>Reads from a replica's state on what its model runs.</summary>
internal static class ReplicaPlacement
{
    public static ModelPlacement Of(ReplicaState state) => new(
        state.Provider,
        state.AcceleratedTimeShare,
        (state.Variants ?? []).ToImmutableSortedDictionary(
            static variant => variant.Name, static variant => new ModelPlacement(variant.Provider, variant.AcceleratedTimeShare), StringComparer.Ordinal));
}
