using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Contract;

namespace InferenceOperator.Cluster.Children;

/// <summary>The settings with which a replica starts. Running replicas get the same document through their admin port.</summary>
internal static class ConfigMapManifest
{
    public static JsonObject Render(InferenceAgent agent, RuntimeSettings settings)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin("v1", "ConfigMap", names.Settings, agent, names);
        manifest["data"] = new JsonObject { [RuntimePaths.SettingsFile] = JsonSerializer.Serialize(settings, ContractJson.Default.RuntimeSettings) };
        return manifest;
    }
}
