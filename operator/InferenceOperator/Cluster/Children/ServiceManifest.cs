using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>The addresses of an agent inside the cluster.</summary>
internal static class ServiceManifest
{
    /// <summary>Where clients send requests.</summary>
    public static JsonObject Render(InferenceAgent agent)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.Services, names.Base, agent, names);
        manifest["spec"] = new JsonObject
        {
            ["type"] = "ClusterIP",
            ["selector"] = ChildLabels.PodSelector(names),
            ["ports"] = new JsonArray(Port(RuntimePorts.HttpName, RuntimePorts.Http), Port(RuntimePorts.GrpcName, RuntimePorts.Grpc)),
        };
        return manifest;
    }

    /// <summary>For clients that spread requests over the replicas themselves, as gRPC's do over connections that live long: the name gives the address of each that is ready.</summary>
    public static JsonObject RenderHeadless(InferenceAgent agent)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.Services, names.Headless, agent, names);
        manifest["spec"] = new JsonObject
        {
            ["type"] = "ClusterIP",
            ["clusterIP"] = "None",
            ["selector"] = ChildLabels.PodSelector(names),
            ["ports"] = new JsonArray(Port(RuntimePorts.HttpName, RuntimePorts.Http), Port(RuntimePorts.GrpcName, RuntimePorts.Grpc)),
        };
        return manifest;
    }

    /// <summary>
    /// Where a replica that starts finds those that are ready, to ask them for cached responses: headless, so that the name
    /// gives the address of each, and on the admin port alone.
    /// </summary>
    public static JsonObject RenderPeers(InferenceAgent agent)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.Services, names.Peers, agent, names);
        manifest["spec"] = new JsonObject
        {
            ["type"] = "ClusterIP",
            ["clusterIP"] = "None",
            ["selector"] = ChildLabels.PodSelector(names),
            ["ports"] = new JsonArray { Port(RuntimePorts.AdminName, RuntimePorts.Admin) },
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
