using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Cluster.Observation;

/// <summary>Reads from a Deployment what its controller says. Pure.</summary>
internal static class DeploymentReading
{
    /// <summary>Replicas it is told to run; null when it does not say.</summary>
    public static int? Replicas(JsonObject deployment) =>
        (deployment["spec"] as JsonObject)?["replicas"] is JsonValue value && value.TryGetValue<int>(out var replicas) ? replicas : null;

    /// <summary>True while pods of a former template are there, or its controller has not looked at the newest yet. False when no controller says anything.</summary>
    public static bool IsReplacing(JsonObject deployment)
    {
        var status = deployment["status"] as JsonObject;
        return Number(status?["observedGeneration"]) is { } observed
            && (observed < Number(deployment["metadata"]?["generation"]) || (Number(status?["updatedReplicas"]) ?? 0) < (Number(status?["replicas"]) ?? 0));
    }

    /// <summary>The replacement of pods that is going on; null: none is.</summary>
    public static RolloutProgress? Rollout(JsonObject deployment)
    {
        var status = deployment["status"] as JsonObject;
        return IsReplacing(deployment)
            ? new((int)(Number(status?["updatedReplicas"]) ?? 0), (int)(Number(status?["replicas"]) ?? 0), PodReplacements.Of(deployment) is PodReplacement.InPlace)
            : null;
    }

    /// <summary>Generation of the agent that the Deployment was last made to follow; null when it does not say.</summary>
    public static long? AgentGeneration(JsonObject deployment) =>
        long.TryParse(deployment["metadata"]?["annotations"]?[ChildLabels.Generation]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var generation) ? generation : null;

    /// <summary>Why pods cannot even be created: a quota, an admission policy. Null: they can.</summary>
    public static string? CreationProblem(JsonObject deployment) => Message(deployment, "ReplicaFailure", "True");

    /// <summary>Why the rollout goes nowhere, once its deadline has passed; null: it goes, or has arrived.</summary>
    public static string? RolloutProblem(JsonObject deployment) => Message(deployment, "Progressing", "False");

    private static long? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    private static string? Message(JsonObject deployment, string type, string status)
    {
        foreach (var node in (deployment["status"] as JsonObject)?["conditions"] as JsonArray ?? [])
        {
            if (node is JsonObject condition && condition["type"]?.ToString() == type && condition["status"]?.ToString() == status)
            {
                return condition["message"]?.ToString() is { Length: > 0 } message ? message : condition["reason"]?.ToString() ?? type;
            }
        }

        return null;
    }
}
