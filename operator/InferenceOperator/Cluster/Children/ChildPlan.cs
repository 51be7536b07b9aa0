using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Contract;
using RuntimeCachePolicy = InferenceRuntime.Contract.CachePolicy;

namespace InferenceOperator.Cluster.Children;

/// <summary>The objects that a plan asks for, but for the Secret, which is made once. Pure: equal plans give equal manifests.</summary>
internal static class ChildPlan
{
    private const int TokenDigestLength = 16;

    /// <param name="plan">What is to run; its model lies on a volume claim.</param>
    /// <param name="settings">The settings with which replicas start.</param>
    /// <param name="image">Image of the runtime.</param>
    /// <param name="token">The admin token in force.</param>
    /// <returns>In the order in which they are applied: what pods mount comes before the pods.</returns>
    /// <exception cref="ArgumentException">The model does not lie on a volume claim.</exception>
    public static ImmutableArray<Child> Render(WorkloadPlan plan, RuntimeSettings settings, string image, string token)
    {
        if (plan.Model is not ModelLocation.VolumeClaim model)
        {
            throw new ArgumentException("only models on a volume claim can be served in a cluster", nameof(plan));
        }

        var agent = plan.Agent;
        var names = ChildNames.Of(agent.Metadata.Name);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)))[..TokenDigestLength];
        var isCached = settings.Cache.Policy is not RuntimeCachePolicy.None;
        var peers = isCached ? new UriBuilder(Uri.UriSchemeHttp, names.Peers, RuntimePorts.Admin).Uri : null;
        return
        [
            new(ChildKind.ConfigMap, agent.Metadata.Namespace, names.Settings, ConfigMapManifest.Render(agent, settings, peers)),
            new(ChildKind.Service, agent.Metadata.Namespace, names.Base, ServiceManifest.Render(agent)),
            .. isCached ? [new Child(ChildKind.Service, agent.Metadata.Namespace, names.Peers, ServiceManifest.RenderPeers(agent))] : Array.Empty<Child>(),
            new(ChildKind.Deployment, agent.Metadata.Namespace, names.Base, DeploymentManifest.Render(plan, model, image, digest)),
        ];
    }
}
