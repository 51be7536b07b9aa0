using System.Text.Json.Nodes;

namespace InferenceOperator.Tests.Cluster.GitOps;

/// <summary>What tools that know nothing of a kind say of its objects. Source: the rules of sigs.k8s.io/cli-utils/pkg/kstatus for custom resources.</summary>
internal static class Kstatus
{
    public static string Of(JsonObject manifest)
    {
        if (manifest["metadata"]!["deletionTimestamp"] is not null)
        {
            return "Terminating";
        }

        if (manifest["status"]?["observedGeneration"] is { } observed && observed.ToJsonString() != manifest["metadata"]!["generation"]!.ToJsonString())
        {
            return "InProgress";
        }

        var conditions = (manifest["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().Select(static c => (Type: (string)c["type"]!, Status: (string)c["status"]!)).ToList();
        foreach (var (type, status) in conditions)
        {
            switch (type, status)
            {
                case ("Reconciling", "True"):
                    return "InProgress";
                case ("Stalled", "True"):
                    return "Failed";
            }
        }

        return conditions.Any(static c => c.Type == "Ready" && c.Status != "True") ? "InProgress" : "Current";
    }
}
