namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>A custom resource with a status subresource.</summary>
internal static class Widgets
{
    private const string Definition = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.io"},
         "spec":{"group":"example.io","scope":"Namespaced","names":{"plural":"widgets","singular":"widget","kind":"Widget"},
           "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},
             "schema":{"openAPIV3Schema":{"type":"object","properties":{
               "spec":{"type":"object","properties":{"size":{"type":"integer"}}},
               "status":{"type":"object","properties":{"phase":{"type":"string"},"note":{"type":"string"}}}}}}}]}}
        """;

    /// <summary>Installs the definition, waits until it is served, and answers with the type as discovery reports it.</summary>
    public static async Task<ResourceType> InstallAsync(KubernetesClient client)
    {
        var definitions = Resource.Untyped(ResourceType.CustomResourceDefinitions);
        var scope = new ResourceScope { FieldSelector = "metadata.name=widgets.example.io" };
        await client.ApplyAsync(definitions, Cluster.Json(Definition), new ApplyOptions("test", Force: true), CancellationToken.None);
        using var patience = new CancellationTokenSource(Cluster.Patience, TimeProvider.System);
        var list = await client.ListAsync(definitions, scope, patience.Token);
        if (!IsEstablished(list.Items.Single()))
        {
            await foreach (var news in client.WatchAsync(definitions, scope, list.ResourceVersion, patience.Token))
            {
                if (news is WatchEvent<System.Text.Json.Nodes.JsonObject>.Modified modified && IsEstablished(modified.Object))
                {
                    break;
                }
            }
        }

        // "Established" comes a moment before the paths are served.
        while (true)
        {
            if (await client.Discovery.FindAsync(new GroupVersionKind("example.io", "v1", "Widget"), patience.Token) is { } found)
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }

    private static bool IsEstablished(ApiObject<System.Text.Json.Nodes.JsonObject> definition) =>
        definition.Value["status"]?["conditions"]?.AsArray().Any(static condition =>
            (string?)condition?["type"] == "Established" && (string?)condition["status"] == "True") == true;
}
