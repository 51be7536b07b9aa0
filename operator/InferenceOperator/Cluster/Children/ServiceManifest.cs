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
            ["ports"] = new JsonArray(Port(RuntimePorts.HttpName, RuntimePorts.Http), Port(RuntimePorts.GrpcName, RuntimePorts.Grpc)),
        };
        return manifest;
    }

    private static JsonObject Port(string name, int port) => new()
    {
        ["name"] = name,
        ["port"] = port,
        ["protocol"] = "TCP",
        ["targetPort"] = name,
    };
}
