using System.Collections.Immutable;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Pools;

/// <summary>The devices that one pod holds.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Agent"><see cref="ChildNames.Base"/> of the agent whose replica it is; empty: of none.</param>
/// <param name="Node">Where it runs; empty: nowhere yet.</param>
/// <param name="Counts">Devices by resource; never empty.</param>
internal sealed record PodDevices(string Namespace, string Agent, string Node, ImmutableSortedDictionary<string, int> Counts)
{
    /// <summary>What a pod takes; null: no devices.</summary>
    /// <remarks>Devices have names with a domain; those of Kubernetes itself (memory, huge pages) are none.</remarks>
    public static PodDevices? Of(PodDevicesState pod)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (beside, before) = (Init(pod, beside: true), Init(pod, beside: false));
        foreach (var resource in Containers(pod).Concat(beside).Concat(before).SelectMany(Named).Distinct(StringComparer.Ordinal))
        {
            // Init containers run one after the other before the rest, except those that stay.
            var together = Containers(pod).Concat(beside).Sum(c => Count(c, resource));
            counts[resource] = Math.Max(together, before.Select(c => Count(c, resource)).DefaultIfEmpty(0).Max());
        }

        return counts.Values.Any(static count => count > 0)
            ? new(pod.Metadata.Namespace, pod.Metadata.Labels?.GetValueOrDefault(ChildLabels.Agent) ?? "", pod.Spec.NodeName ?? "", counts.ToImmutableSortedDictionary(StringComparer.Ordinal))
            : null;
    }

    /// <summary>A number of devices as Kubernetes writes it; what is not one counts as none.</summary>
    public static int Number(string? text) => Quantity.TryParse(text, out var quantity) ? (int)Math.Clamp(quantity.Value, 0, int.MaxValue) : 0;

    private static ImmutableArray<PodDevicesState.ContainerDevices> Containers(PodDevicesState pod) => pod.Spec.Containers.IsDefault ? [] : pod.Spec.Containers;

    private static List<PodDevicesState.ContainerDevices> Init(PodDevicesState pod, bool beside) =>
        pod.Spec.InitContainers.IsDefault ? [] : [.. pod.Spec.InitContainers.Where(c => c.RestartPolicy == "Always" == beside)];

    private static IEnumerable<string> Named(PodDevicesState.ContainerDevices container) =>
        container.Resources.Limits?.Keys.Where(static name => name.Contains('/', StringComparison.Ordinal)) ?? [];

    private static int Count(PodDevicesState.ContainerDevices container, string resource) => Number(container.Resources.Limits?.GetValueOrDefault(resource));
}
