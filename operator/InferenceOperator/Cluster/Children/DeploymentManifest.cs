using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>The replicas.</summary>
internal static class DeploymentManifest
{
    /// <summary>Room for the image pull and a full start before a rollout counts as stuck, seconds.</summary>
    private const int ProgressDeadlineSeconds = 1200;

    /// <param name="side">The revision and how its pods are rendered and replaced.</param>
    /// <param name="tokenDigest">First digits of the admin token's SHA-256.</param>
    public static JsonObject Render(DeploymentSide side, string tokenDigest)
    {
        var (agent, slot, rendering) = (side.Agent, side.Slot, side.Rendering);
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.Deployments, names.Deployment(slot.Side), agent, names);
        var annotations = rendering.Annotations();
        annotations[ChildLabels.Generation] = agent.Metadata.Generation.ToString(CultureInfo.InvariantCulture);
        annotations[RevisionSlot.NameAnnotation] = slot.Revision.Name.Text;
        annotations[RevisionSlot.SpecAnnotation] = slot.Revision.ToText();
        manifest["metadata"]!["annotations"] = annotations; // It has just been begun.
        manifest["spec"] = new JsonObject
        {
            ["replicas"] = slot.Replicas,
            ["selector"] = new JsonObject { ["matchLabels"] = ChildLabels.OfSide(ChildLabels.PodSelector(names), slot.Side) },
            ["strategy"] = new JsonObject
            {
                ["type"] = "RollingUpdate",
                ["rollingUpdate"] = side.Replacement.Limits(),
            },
            ["revisionHistoryLimit"] = 3,
            ["progressDeadlineSeconds"] = ProgressDeadlineSeconds + (AgentModels.Fetched(agent.Spec).Any() ? FetchContainer.MinutesMax * 60 : 0),
            ["template"] = PodManifest.Render(agent, rendering.Revision, rendering.Image, tokenDigest, slot.Side),
        };
        return manifest;
    }
}
