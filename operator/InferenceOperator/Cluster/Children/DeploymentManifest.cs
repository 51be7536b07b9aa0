using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Planning;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>The replicas.</summary>
internal static class DeploymentManifest
{
    /// <summary>Room for the image pull and a full start before a rollout counts as stuck, seconds.</summary>
    private const int ProgressDeadlineSeconds = 1200;

    /// <param name="plan">What is to run.</param>
    /// <param name="rendering">How its pods are rendered.</param>
    /// <param name="tokenDigest">First digits of the admin token's SHA-256.</param>
    /// <param name="replacement">How pods are replaced.</param>
    public static JsonObject Render(WorkloadPlan plan, PodRendering rendering, string tokenDigest, PodReplacement replacement)
    {
        var agent = plan.Agent;
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.Deployments, names.Base, agent, names);
        var annotations = rendering.Annotations();
        annotations[ChildLabels.Generation] = agent.Metadata.Generation.ToString(CultureInfo.InvariantCulture);
        manifest["metadata"]!["annotations"] = annotations; // It has just been begun.
        manifest["spec"] = new JsonObject
        {
            ["replicas"] = plan.Replicas,
            ["selector"] = new JsonObject { ["matchLabels"] = ChildLabels.PodSelector(names) },
            ["strategy"] = new JsonObject
            {
                ["type"] = "RollingUpdate",
                ["rollingUpdate"] = replacement.Limits(),
            },
            ["revisionHistoryLimit"] = 3,
            ["progressDeadlineSeconds"] = ProgressDeadlineSeconds,
            ["template"] = PodManifest.Render(agent, rendering.Revision, rendering.Image, tokenDigest),
        };
        return manifest;
    }
}
