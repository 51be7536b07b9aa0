using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Alerting;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Workloads;
using RuntimeCachePolicy = InferenceRuntime.Contract.CachePolicy;

namespace InferenceOperator.Cluster.Children;

/// <summary>The objects that a plan asks for, but for the Secret, which is made once. Pure: equal plans give equal manifests.</summary>
internal static class ChildPlan
{
    private const int TokenDigestLength = 16;

    /// <summary>First digits of an admin token's SHA-256.</summary>
    public static string DigestOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)))[..TokenDigestLength];

    /// <param name="agent">The agent as its manifest is now.</param>
    /// <param name="sides">Its Deployments, at least one; their models and variants lie on volume claims.</param>
    /// <param name="token">The admin token in force.</param>
    /// <param name="options">The operator's options.</param>
    /// <param name="scene">What the cluster says.</param>
    /// <returns>In the order in which they are applied: what pods need comes before the pods, what guards or watches them may come after.</returns>
    /// <exception cref="ArgumentException">A model lies on one machine.</exception>
    /// <exception cref="WorkloadException">The template takes the runtime's container away.</exception>
    public static ImmutableArray<Child> Render(InferenceAgent agent, ImmutableArray<DeploymentSide> sides, string token, ChildOptions options, ChildScene scene)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var peers = new UriBuilder(Uri.UriSchemeHttp, names.Peers, RuntimePorts.Admin).Uri;
        var children = ImmutableArray.CreateBuilder<Child>();
        foreach (var side in sides)
        {
            children.Add(Child.Of(ChildKind.ConfigMap, ConfigMapManifest.Render(agent, side.Settings, side.Slot.Side, AsksPeers(side) ? peers : null, options.ModelSources)));
        }

        children.Add(Child.Of(ChildKind.Service, ServiceManifest.Render(agent)));
        // Another agent may be called like it: that is said, and holds nothing up.
        children.Add(Child.Of(ChildKind.Service, ServiceManifest.RenderHeadless(agent)) with { IsOptional = true });
        if (sides.Any(AsksPeers))
        {
            children.Add(Child.Of(ChildKind.Service, ServiceManifest.RenderPeers(agent)));
        }

        if (sides.Any(static side => side.Agent.Spec.Template?["serviceAccountName"] is null))
        {
            children.Add(Child.Of(ChildKind.ServiceAccount, ServiceAccountManifest.Render(agent, options.PullSecrets)));
        }

        foreach (var kind in ChildKinds.Optional.Where(kind => IsWanted(kind, agent.Spec, options)))
        {
            if (scene.Served.GetValueOrDefault(kind) is { } type)
            {
                children.Add(Child.Of(kind, type, Optional(kind, type, agent, options, scene)));
            }
        }

        foreach (var side in sides)
        {
            children.Add(Child.Of(ChildKind.Deployment, DeploymentManifest.Render(side, DigestOf(token))));
        }

        return children.DrainToImmutable();
    }

    // What a peer cached may be another variant's answer, from another file than the new replica's: with variants, each starts empty.
    private static bool AsksPeers(DeploymentSide side) => side.Settings.Cache.Policy is not RuntimeCachePolicy.None && side.Agent.Spec.Variants is not { Count: > 0 };

    private static bool IsWanted(ChildKind kind, AgentSpec spec, ChildOptions options) => !options.Without.Contains(kind) && kind switch
    {
        ChildKind.NetworkPolicy => spec.Children.NetworkPolicy && options.OperatorNamespace is not null,
        ChildKind.PodDisruptionBudget => spec.Children.PodDisruptionBudget,
        ChildKind.PodMonitor => spec.Children.PodMonitor,
        ChildKind.PrometheusRule => spec.Children.PrometheusRule && spec.Slo is not null,
        _ => true,
    };

    private static JsonObject Optional(ChildKind kind, ResourceType type, InferenceAgent agent, ChildOptions options, ChildScene scene) => kind switch
    {
        ChildKind.NetworkPolicy => NetworkPolicyManifest.Render(agent, options.OperatorNamespace!, options.OperatorName, scene.NamespacesAreLabelled), // Wanted only with one.
        ChildKind.PodDisruptionBudget => PodDisruptionBudgetManifest.Render(agent, type, scene.MayEvictUnready),
        ChildKind.PodMonitor => PodMonitorManifest.Render(agent, type, options),
        ChildKind.PrometheusRule => PrometheusRuleManifest.Render(agent, type, options.MonitoringLabels),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
