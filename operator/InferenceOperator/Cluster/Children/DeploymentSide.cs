using InferenceOperator.Control;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Contract;

namespace InferenceOperator.Cluster.Children;

/// <summary>One Deployment of an agent, with all that its manifests are rendered from.</summary>
/// <param name="Slot">Which it is, and for which revision it stands.</param>
/// <param name="Agent">The agent, with what the revision's pods are made from.</param>
/// <param name="Settings">The settings with which its replicas start.</param>
/// <param name="Rendering">How its pods are rendered.</param>
/// <param name="Replacement">How they are replaced.</param>
internal sealed record DeploymentSide(RevisionSlot Slot, InferenceAgent Agent, RuntimeSettings Settings, PodRendering Rendering, PodReplacement Replacement)
{
    /// <summary>The agent and the settings of one side of a plan: what makes pods is the revision's, all else the manifest's of now.</summary>
    public static (InferenceAgent Agent, RuntimeSettings Settings) Of(WorkloadPlan plan, RevisionSlot slot)
    {
        var agent = plan.Agent with { Spec = slot.Revision.On(plan.Agent.Spec) };
        return (agent, RuntimeSettingsFrom.Plan(ReplicaSettings.For(agent.Spec, plan.Settings.Batching, plan.Choice)));
    }
}
