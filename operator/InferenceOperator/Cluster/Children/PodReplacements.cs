using System.Diagnostics;
using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Children;

/// <summary>What a replacement means for a Deployment.</summary>
internal static class PodReplacements
{
    /// <summary>The field <c>rollingUpdate</c>.</summary>
    public static JsonObject Limits(this PodReplacement replacement) => replacement switch
    {
        PodReplacement.Surge => new() { ["maxUnavailable"] = 0, ["maxSurge"] = 1 },
        PodReplacement.InPlace => new() { ["maxUnavailable"] = 1, ["maxSurge"] = 0 },
        _ => throw new UnreachableException(),
    };

    /// <summary>What a live Deployment has; null when somebody changed it to neither.</summary>
    public static PodReplacement? Of(JsonObject deployment)
    {
        var limits = deployment["spec"]?["strategy"]?["rollingUpdate"];
        return (limits?["maxUnavailable"]?.ToString(), limits?["maxSurge"]?.ToString()) switch
        {
            ("0", "1") => PodReplacement.Surge,
            ("1", "0") => PodReplacement.InPlace,
            _ => null,
        };
    }
}
