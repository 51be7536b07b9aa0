using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>The address of an agent inside the cluster.</summary>
internal static class ServiceManifest
{
    public static JsonObject Render(InferenceAgent agent)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin("v1", "Service", names.Base, agent, names);
        manifest["spec"] = new JsonObject
        {
            ["type"] = "ClusterIP",
            ["selector"] = ChildLabels.PodSelector(names),
            ["ports"] = new JsonArray
            {
                new JsonObject
                {
                    ["name"] = RuntimePorts.HttpName,
                    ["port"] = RuntimePorts.Http,
                    ["protocol"] = "TCP",
                    ["targetPort"] = RuntimePorts.HttpName,
                },
            },
        };
        return manifest;
    }
}
