using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>Where the engines that TensorRT builds are kept: on the claim of the store, where replicas find those of others, else as long as the pod.</summary>
internal static class EngineVolume
{
    private const string Volume = "engines";

    /// <summary>Folder of the engines on the claim, beside the store's.</summary>
    private const string FolderOnClaim = "inference-engines";

    /// <summary>Whether an agent's pods have one.</summary>
    public static bool IsWanted(GpuSpec gpu) => gpu is { Count: > 0, Provider: GpuProvider.TensorRT };

    /// <summary>The pod's volume.</summary>
    public static IEnumerable<JsonObject> Volumes(AgentSpec spec) => !IsWanted(spec.Gpu) ? [] :
    [
        new JsonObject
        {
            ["name"] = Volume,
            [spec.Store.ClaimName is null ? "emptyDir" : "persistentVolumeClaim"] = spec.Store.ClaimName is { } claim
                ? new JsonObject { ["claimName"] = claim }
                : [],
        },
    ];

    /// <summary>What the runtime's container mounts of it, to write.</summary>
    public static IEnumerable<JsonObject> Mounts(AgentSpec spec)
    {
        if (!IsWanted(spec.Gpu))
        {
            yield break;
        }

        var mount = new JsonObject { ["name"] = Volume, ["mountPath"] = RuntimePaths.Engines };
        if (spec.Store.ClaimName is not null)
        {
            mount["subPath"] = FolderOnClaim;
        }

        yield return mount;
    }
}
