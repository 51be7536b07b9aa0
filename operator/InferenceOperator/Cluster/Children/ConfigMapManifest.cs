using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceRuntime.Contract;

namespace InferenceOperator.Cluster.Children;

/// <summary>What a replica reads when it starts: the settings, which running replicas get through their admin port too, and where its peers are.</summary>
internal static class ConfigMapManifest
{
    /// <param name="agent">The agent.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="side">The side of a roll-out whose replicas read it; null: the first.</param>
    /// <param name="peers">Root of the admin port of every ready replica; null: a replica that starts asks none.</param>
    /// <param name="sources">What is not public and may give models all the same: addresses, networks, names. Here, so that another list replaces no pods.</param>
    public static JsonObject Render(InferenceAgent agent, RuntimeSettings settings, string? side, Uri? peers, IEnumerable<string> sources)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.ConfigMaps, names.Settings(side), agent, names);
        var data = new JsonObject { [RuntimePaths.SettingsFile] = JsonSerializer.Serialize(settings, ContractJson.Default.RuntimeSettings) };
        if (peers is not null)
        {
            data[PrefetchPeersFile.Name] = PrefetchPeersFile.Write([peers]);
        }

        if (AgentModels.Fetched(agent.Spec).Any())
        {
            data[RuntimePaths.ModelSourcesFile] = string.Concat(sources.Select(static source => source + "\n"));
        }

        manifest["data"] = data;
        return manifest;
    }
}
