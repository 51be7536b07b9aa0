using System.Collections.Immutable;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Pools;

/// <summary>Makes pools of what the cluster shows. Pure.</summary>
internal static class PoolReading
{
    /// <summary>Devices that a message names at most.</summary>
    private const int DevicesNamed = 5;

    /// <summary>How a quota calls the devices that pods take.</summary>
    private const string Requests = "requests.";

    /// <summary>The free GPUs of the nodes that take pods; none when no node offers the resource, for then a pod that waits says more.</summary>
    /// <remarks>What agents have on a node that takes no more pods is theirs, and counts as there. Taints and selectors are not looked at: the pool is the most that can be.</remarks>
    public static IEnumerable<GpuPool> Nodes(string resource, IReadOnlyDictionary<string, NodeState> nodes, IEnumerable<PodDevices> pods, IReadOnlyCollection<ReplicaAsk> asking)
    {
        if (!nodes.Values.Any(n => Allocatable(n, resource) > 0))
        {
            return [];
        }

        var ours = Keys(asking);
        var (gpus, others) = (nodes.Values.Where(static n => n.TakesPods).Sum(n => Allocatable(n, resource)), 0);
        foreach (var pod in pods.Where(static pod => pod.Node.Length > 0))
        {
            var count = pod.Counts.GetValueOrDefault(resource);
            var isOurs = IsOneOf(ours, pod);
            var stays = nodes.TryGetValue(pod.Node, out var node) && node.TakesPods;
            gpus += isOurs && !stays ? count : 0;
            others += !isOurs && stays ? count : 0;
        }

        return [new(resource, Namespace: null, "nodes", gpus, others)];
    }

    /// <summary>What quotas leave in their namespaces.</summary>
    public static IEnumerable<GpuPool> Quotas(string resource, IEnumerable<ApiObject<QuotaState>> quotas, IEnumerable<PodDevices> pods, IReadOnlyCollection<ReplicaAsk> asking)
    {
        var ours = Keys(asking);
        return quotas
            .Where(q => q.Value.CountsAllPods && q.Value.Spec.Hard?.ContainsKey(Requests + resource) == true)
            .Select(q => new GpuPool(
                resource,
                q.Key.Namespace,
                $"ResourceQuota {q.Key}",
                PodDevices.Number(q.Value.Spec.Hard![Requests + resource]), // Asked above.
                pods.Where(pod => pod.Namespace == q.Key.Namespace && !IsOneOf(ours, pod)).Sum(pod => pod.Counts.GetValueOrDefault(resource))));
    }

    /// <summary>What was set for all agents together; replicas of agents that do not ask yet have theirs of it.</summary>
    public static IEnumerable<GpuPool> Ceilings(string resource, IEnumerable<GpuCeiling> ceilings, IEnumerable<PodDevices> pods, IReadOnlyCollection<ReplicaAsk> asking)
    {
        var ours = Keys(asking);
        return ceilings.Where(c => c.Resource == resource).Select(c => new GpuPool(
            resource, Namespace: null, GpuCeiling.Option, c.Gpus, pods.Where(pod => pod.Agent.Length > 0 && !IsOneOf(ours, pod)).Sum(pod => pod.Counts.GetValueOrDefault(resource))));
    }

    /// <summary>What is lacking of a device; null: at least one is free.</summary>
    /// <param name="resource">Kubernetes' name of the device.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="pools">The pools of that device, with all that is held counted as used.</param>
    public static CapacityLack? Lack(string resource, IReadOnlyCollection<NodeState> nodes, IEnumerable<GpuPool> pools)
    {
        if (!nodes.Any(n => Allocatable(n, resource) > 0))
        {
            var others = nodes.SelectMany(static n => n.Status.Allocatable ?? ImmutableSortedDictionary<string, string>.Empty).Where(static pair => IsDevice(pair.Key) && PodDevices.Number(pair.Value) > 0)
                .Select(static pair => pair.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(DevicesNamed).ToList();
            return new(CapacityLackKind.NoSuchDevice, $"no node offers {resource}{(others.Count > 0 ? $", only {string.Join(", ", others)}" : "")}");
        }

        return pools.FirstOrDefault(static pool => pool.Free == 0) is { } full
            ? new(CapacityLackKind.NoFreeDevice, $"all {full.Gpus} {resource} of {full.Origin} are taken")
            : null;
    }

    /// <summary>A device plugin's resource has a domain of its own.</summary>
    private static bool IsDevice(string resource) => resource.Contains('/', StringComparison.Ordinal) && !resource.Split('/')[0].EndsWith("kubernetes.io", StringComparison.Ordinal);

    private static HashSet<ObjectKey> Keys(IReadOnlyCollection<ReplicaAsk> asking) =>
        [.. asking.Select(static ask => new ObjectKey(ask.Namespace, ChildNames.Of(ask.Agent[(ask.Namespace.Length + 1)..]).Base))];

    private static bool IsOneOf(HashSet<ObjectKey> ours, PodDevices pod) => ours.Contains(new(pod.Namespace, pod.Agent));

    private static int Allocatable(NodeState node, string resource) => PodDevices.Number(node.Status.Allocatable?.GetValueOrDefault(resource));
}
