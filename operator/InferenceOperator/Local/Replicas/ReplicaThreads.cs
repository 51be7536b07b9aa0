using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Local.Replicas;

/// <summary>How many threads one local replica computes with.</summary>
internal static class ReplicaThreads
{
    /// <summary>
    /// <c>template.resources.limits.cpu</c>, rounded up, when it is given; else the machine's cores shared among the most replicas
    /// that the manifest allows, so that a scale-up never makes replicas compete: at least one, and one each when there are as
    /// many replicas as cores.
    /// </summary>
    /// <param name="spec">The agent's spec.</param>
    /// <param name="cores">Cores of this machine, at least 1.</param>
    public static int For(AgentSpec spec, int cores)
    {
        if (spec.Template?["resources"]?["limits"]?["cpu"] is JsonValue limit && Quantity.TryParse(limit.ToString(), out var quantity) && quantity.Value > 0)
        {
            return (int)Math.Clamp(Math.Ceiling(quantity.Value), 1, cores);
        }

        var most = Math.Max(1, Math.Max(spec.Scaling.MaxReplicas, spec.Scaling.Replicas ?? 0));
        return Math.Max(1, cores / most);
    }
}
