using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using InferenceOperator.Core.Planning;
using InferenceRuntime.Contract;
using RuntimeCachePolicy = InferenceRuntime.Contract.CachePolicy;

namespace InferenceOperator.Cluster.Children;

/// <summary>The objects that a plan asks for, but for the Secret, which is made once. Pure: equal plans give equal manifests.</summary>
internal static class ChildPlan
{
    private const int TokenDigestLength = 16;

    /// <param name="plan">What is to run; its model and variants lie on volume claims.</param>
    /// <param name="settings">The settings with which replicas start.</param>
    /// <param name="image">Image of the runtime.</param>
    /// <param name="token">The admin token in force.</param>
    /// <returns>In the order in which they are applied: what pods mount comes before the pods.</returns>
    /// <exception cref="ArgumentException">A model does not lie on a volume claim.</exception>
    public static ImmutableArray<Child> Render(WorkloadPlan plan, RuntimeSettings settings, string image, string token)
    {
        var agent = plan.Agent;
        var names = ChildNames.Of(agent.Metadata.Name);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)))[..TokenDigestLength];

        // What a peer cached may be another variant's answer, from another file than the new replica's: with variants, each starts empty.
        var asksPeers = settings.Cache.Policy is not RuntimeCachePolicy.None && agent.Spec.Variants is not { Count: > 0 };
        var peers = asksPeers ? new UriBuilder(Uri.UriSchemeHttp, names.Peers, RuntimePorts.Admin).Uri : null;
        return
        [
            new(ChildKind.ConfigMap, agent.Metadata.Namespace, names.Settings, ConfigMapManifest.Render(agent, settings, peers)),
            new(ChildKind.Service, agent.Metadata.Namespace, names.Base, ServiceManifest.Render(agent)),
            .. asksPeers ? [new Child(ChildKind.Service, agent.Metadata.Namespace, names.Peers, ServiceManifest.RenderPeers(agent))] : Array.Empty<Child>(),
            new(ChildKind.Deployment, agent.Metadata.Namespace, names.Base, DeploymentManifest.Render(plan, image, digest)),
        ];
    }
}
