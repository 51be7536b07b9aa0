using System.Collections.Immutable;
using System.Diagnostics;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>How the API server calls the kinds of children, and which an agent can do without.</summary>
internal static class ChildKinds
{
    private static readonly ImmutableArray<ResourceType> Budgets =
        [ResourceType.PodDisruptionBudgets, new("policy", "v1beta1", "poddisruptionbudgets", "PodDisruptionBudget", Namespaced: true)];

    private static readonly ImmutableArray<ResourceType> Monitors = [new("monitoring.coreos.com", "v1", "podmonitors", "PodMonitor", Namespaced: true)];

    private static readonly ImmutableArray<ResourceType> Rules = [new("monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule", Namespaced: true)];

    public static ImmutableArray<ChildKind> All { get; } = [.. Enum.GetValues<ChildKind>()];

    /// <summary>Kinds without which nothing serves.</summary>
    public static ImmutableArray<ChildKind> Needed { get; } = [.. All.Where(static kind => !kind.IsOptional())];

    /// <summary>Kinds that make serving safer or easier to watch: left out where the API server has none, the account may not write them, or people say so.</summary>
    public static ImmutableArray<ChildKind> Optional { get; } = [.. All.Where(static kind => kind.IsOptional())];

    public static bool IsOptional(this ChildKind kind) => kind is ChildKind.NetworkPolicy or ChildKind.PodDisruptionBudget or ChildKind.PodMonitor or ChildKind.PrometheusRule;

    /// <summary>The kind in its versions, the one to be preferred first; more than one only of optional kinds.</summary>
    public static ImmutableArray<ResourceType> Versions(this ChildKind kind) => kind switch
    {
        ChildKind.ConfigMap => [ResourceType.ConfigMaps],
        ChildKind.Service => [ResourceType.Services],
        ChildKind.ServiceAccount => [ResourceType.ServiceAccounts],
        ChildKind.NetworkPolicy => [ResourceType.NetworkPolicies],
        ChildKind.Deployment => [ResourceType.Deployments],
        ChildKind.PodDisruptionBudget => Budgets,
        ChildKind.PodMonitor => Monitors,
        ChildKind.PrometheusRule => Rules,
        _ => throw new UnreachableException(),
    };
}
