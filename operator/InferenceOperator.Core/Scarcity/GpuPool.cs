using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Scarcity;

/// <summary>GPUs of one resource that agents share.</summary>
/// <param name="Resource">Kubernetes' name of the device, a MIG profile's for example.</param>
/// <param name="Namespace">Only agents of this namespace draw on it; null: all do.</param>
/// <param name="Origin">What sets its size, for people: <c>nodes</c>, <c>ResourceQuota ads/gpus</c>, <c>--gpu-ceiling</c>.</param>
/// <param name="Gpus">GPUs in all, at least 0.</param>
/// <param name="UsedByOthers">Of those, held by what is not an agent that asks; may exceed them.</param>
public sealed record GpuPool(string Resource, string? Namespace, string Origin, int Gpus, int UsedByOthers)
{
    /// <summary>GPUs that are left to agents, at least 0.</summary>
    [JsonIgnore]
    public int Free => Math.Max(0, Gpus - UsedByOthers);

    /// <summary>True when the agent's replicas come out of this pool.</summary>
    public bool Serves(ReplicaAsk ask) => ask.Resource == Resource && (Namespace is null || Namespace == ask.Namespace);
}
