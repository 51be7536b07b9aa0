using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using InferenceOperator.Control;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Contract;
using RuntimeCachePolicy = InferenceRuntime.Contract.CachePolicy;

namespace InferenceOperator.Cluster.Children;

/// <summary>The objects that a plan asks for, but for the Secret, which is made once. Pure: equal plans give equal manifests.</summary>
internal static class ChildPlan
{
    private const int TokenDigestLength = 16;

    /// <param name="plan">What is to run; its models and variants lie on volume claims.</param>
    /// <param name="slots">The Deployments of its revisions, at least one.</param>
    /// <param name="token">The admin token in force.</param>
    /// <returns>In the order in which they are applied: what pods mount comes before the pods.</returns>
    /// <exception cref="ArgumentException">A model does not lie on a volume claim.</exception>
    public static ImmutableArray<Child> Render(WorkloadPlan plan, ImmutableArray<RevisionSlot> slots, string token)
    {
        var agent = plan.Agent;
        var names = ChildNames.Of(agent.Metadata.Name);
        var (ns, peers) = (agent.Metadata.Namespace, new UriBuilder(Uri.UriSchemeHttp, names.Peers, RuntimePorts.Admin).Uri);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)))[..TokenDigestLength];

        var sides = slots.Select(slot => Side(plan, slot)).ToList();
        return
        [
            .. sides.Select(side => new Child(
                ChildKind.ConfigMap, ns, names.Settings(side.Slot.Side), ConfigMapManifest.Render(agent, side.Slot.Side, side.Settings, side.AsksPeers ? peers : null))),
            new(ChildKind.Service, ns, names.Base, ServiceManifest.Render(agent)),
            .. sides.Exists(static side => side.AsksPeers) ? [new Child(ChildKind.Service, ns, names.Peers, ServiceManifest.RenderPeers(agent))] : Array.Empty<Child>(),
            .. sides.Select(side => new Child(ChildKind.Deployment, ns, names.Deployment(side.Slot.Side), DeploymentManifest.Render(side.Agent, side.Slot, digest))),
        ];
    }

    // What a peer cached may be another variant's answer, from another file than the new replica's: with variants, each starts empty.
    private static (RevisionSlot Slot, InferenceAgent Agent, RuntimeSettings Settings, bool AsksPeers) Side(WorkloadPlan plan, RevisionSlot slot)
    {
        var spec = slot.Revision.On(plan.Agent.Spec);
        var settings = RuntimeSettingsFrom.Plan(ReplicaSettings.For(spec, plan.Settings.Batching, plan.Choice));
        return (slot, plan.Agent with { Spec = spec }, settings, settings.Cache.Policy is not RuntimeCachePolicy.None && spec.Variants is not { Count: > 0 });
    }
}
