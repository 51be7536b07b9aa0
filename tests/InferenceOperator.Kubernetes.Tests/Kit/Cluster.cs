using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>Short ways to say what the tests say often.</summary>
internal static class Cluster
{
    public static readonly Resource<JsonObject> ConfigMaps = Resource.Untyped(ResourceType.ConfigMaps);
    public static readonly Resource<JsonObject> Deployments = Resource.Untyped(ResourceType.Deployments);

    /// <summary>How long a test waits for what has to come before it fails: no statement on how long that may take, for the machine may have other things to do.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static KubernetesClient Connect(string kubeconfig, KubernetesClientOptions? options = null) =>
        KubernetesClient.Connect(KubernetesConfig.Load(kubeconfig, context: null), options ?? new(), NullLoggerFactory.Instance);

    /// <summary>A client as administrator, and a new namespace.</summary>
    public static async Task<(KubernetesClient Client, string Namespace)> EnterAsync(
        this KubeApiServerFixture fixture, KubernetesClientOptions? options = null)
    {
        var client = Connect(fixture.Server.AdminKubeconfig, options);
        var name = fixture.NewName("test");
        await client.CreateNamespaceAsync(name);
        return (client, name);
    }

    public static Task CreateNamespaceAsync(this KubernetesClient client, string name) =>
        client.CreateAsync(
            Resource.Untyped(ResourceType.Namespaces),
            Json($$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{name}}}"}}"""),
            CancellationToken.None);

    public static JsonObject ConfigMap(string ns, string name, string value, string label = "none") =>
        Json($$$"""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"{{{ns}}}","name":"{{{name}}}","labels":{"group":"{{{label}}}"}},"data":{"value":"{{{value}}}"}}
            """);

    public static JsonObject Deployment(string ns, string name, int replicas) =>
        Json($$$"""
            {
              "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": "{{{ns}}}", "name": "{{{name}}}"},
              "spec": {
                "replicas": {{{replicas}}},
                "selector": {"matchLabels": {"app": "{{{name}}}"} },
                "template": {
                  "metadata": {"labels": {"app": "{{{name}}}"} },
                  "spec": {"containers": [{"name": "main", "image": "example/main:1"}]}
                }
              }
            }
            """);

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject(); // The tests' own text.

    public static string Value(this ApiObject<JsonObject> found) => (string)found.Value["data"]!["value"]!; // ConfigMap above has it.
}
