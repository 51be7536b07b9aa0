using System.Collections.Immutable;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Cluster.Policies;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Simulated;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>What the simulated cluster serves.</summary>
internal static class SimulatedTypes
{
    public static ApiType Agents { get; } = Of(ClusterView.Agents) with { HasStatus = true, HasGeneration = true };

    public static ApiType Pods { get; } = Of(ResourceType.Pods) with { HasStatus = true, EndsGracefully = true };

    public static ApiType Deployments { get; } = Of(ResourceType.Deployments) with { HasStatus = true, HasGeneration = true };

    public static ApiType Secrets { get; } = Of(ResourceType.Secrets);

    public static ApiType ConfigMaps { get; } = Of(ResourceType.ConfigMaps);

    public static ApiType Services { get; } = Of(ResourceType.Services);

    public static ApiType Events { get; } = Of(ResourceType.Events);

    public static ApiType Leases { get; } = Of(ResourceType.Leases);

    public static ImmutableArray<ApiType> All { get; } =
    [
        Agents,
        Pods,
        Deployments,
        Secrets,
        ConfigMaps,
        Services,
        Events,
        Leases,
        Of(PolicyStatus.Policies) with { HasStatus = true, HasGeneration = true },
        Of(ResourceType.ServiceAccounts),
        Of(ResourceType.Namespaces),
        Of(ResourceType.Nodes),
        Of(ResourceType.ResourceQuotas),
        Of(ResourceType.NetworkPolicies) with { HasGeneration = true },
        Of(ResourceType.PodDisruptionBudgets) with { HasStatus = true, HasGeneration = true },
        new("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler") { HasStatus = true },
        new("monitoring.coreos.com", "v1", "podmonitors", "PodMonitor") { HasGeneration = true },
        new("monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule") { HasGeneration = true },
    ];

    private static ApiType Of(ResourceType type) => new(type.Group, type.Version, type.Plural, type.Kind, type.Namespaced);
}
