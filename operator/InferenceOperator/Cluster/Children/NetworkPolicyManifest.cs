using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>Who reaches which port of a replica: the data and metrics ports everybody, the admin port the operator and the agent's other replicas.</summary>
/// <remarks>What replicas themselves reach is not bounded: it would cut off stores of models and collectors of traces.</remarks>
internal static class NetworkPolicyManifest
{
    /// <summary>Since Kubernetes 1.21 every namespace has its name under this label.</summary>
    private const string NamespaceName = "kubernetes.io/metadata.name";

    /// <param name="agent">The agent.</param>
    /// <param name="operatorNamespace">The operator's namespace.</param>
    /// <param name="operatorName">What the operator's pods are called in <see cref="ChildLabels.Name"/>.</param>
    /// <param name="namespacesAreLabelled">Whether namespaces have their names as labels. Without, the operator's pods are known by their own label in whatever namespace, and the token alone keeps others out.</param>
    public static JsonObject Render(InferenceAgent agent, string operatorNamespace, string operatorName, bool namespacesAreLabelled)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.NetworkPolicies, names.Base, agent, names);
        manifest["spec"] = new JsonObject
        {
            ["podSelector"] = Matching(ChildLabels.PodSelector(names)),
            ["policyTypes"] = new JsonArray("Ingress"),
            ["ingress"] = new JsonArray
            {
                new JsonObject { ["ports"] = new JsonArray(Port(RuntimePorts.Http), Port(RuntimePorts.Grpc), Port(RuntimePorts.Metrics)) },
                new JsonObject
                {
                    ["from"] = new JsonArray
                    {
                        new JsonObject
                        {
                            ["namespaceSelector"] = namespacesAreLabelled ? Matching(new() { [NamespaceName] = operatorNamespace }) : new JsonObject(),
                            ["podSelector"] = Matching(new() { [ChildLabels.Name] = operatorName }),
                        },
                        new JsonObject { ["podSelector"] = Matching(ChildLabels.PodSelector(names)) },
                    },
                    ["ports"] = new JsonArray { Port(RuntimePorts.Admin) },
                },
            },
        };
        return manifest;
    }

    private static JsonObject Matching(JsonObject labels) => new() { ["matchLabels"] = labels };

    private static JsonObject Port(int number) => new() { ["port"] = number, ["protocol"] = "TCP" };
}
