using System.Collections.Immutable;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Local;

/// <summary>What replicas on this machine may take together, as it was set; nothing is found out.</summary>
/// <param name="ceilings">GPUs by resource.</param>
/// <param name="replicas">Replicas, whatever they run on; null: any number. Then <paramref name="ceilings"/> is empty.</param>
internal sealed class LocalPools(ImmutableArray<GpuCeiling> ceilings, int? replicas) : IGpuPools
{
    public const string ReplicaOption = "--replica-ceiling";

    private const string Replicas = "replicas";

    public bool Bound(InferenceAgent agent) => replicas is not null || (agent.Spec.Gpu.Count > 0 && ceilings.Any(c => c.Resource == agent.Spec.Gpu.Resource));

    public ReplicaAsk Counted(ReplicaAsk ask) => replicas is null ? ask : ask with { Resource = Replicas, GpusPerReplica = 1 };

    public IReadOnlyList<GpuPool> Of(string resource, IReadOnlyCollection<ReplicaAsk> asking) => replicas is { } most
        ? [new(Replicas, Namespace: null, ReplicaOption, most, UsedByOthers: 0)]
        : [.. ceilings.Where(c => c.Resource == resource).Select(static c => new GpuPool(c.Resource, Namespace: null, GpuCeiling.Option, c.Gpus, UsedByOthers: 0))];
}
