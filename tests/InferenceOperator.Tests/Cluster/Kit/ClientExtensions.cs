using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>What the tests do to the cluster, and how they wait for what comes of it.</summary>
internal static class ClientExtensions
{
    public static readonly Resource<JsonObject> Agents = Resource.Untyped(ClusterView.Agents);
    public static readonly Resource<JsonObject> Deployments = Resource.Untyped(ResourceType.Deployments);
    public static readonly Resource<JsonObject> Services = Resource.Untyped(ResourceType.Services);
    public static readonly Resource<JsonObject> ConfigMaps = Resource.Untyped(ResourceType.ConfigMaps);
    public static readonly Resource<JsonObject> ServiceAccounts = Resource.Untyped(ResourceType.ServiceAccounts);
    public static readonly Resource<JsonObject> NetworkPolicies = Resource.Untyped(ResourceType.NetworkPolicies);
    public static readonly Resource<JsonObject> Secrets = Resource.Untyped(ResourceType.Secrets);
    public static readonly Resource<JsonObject> Pods = Resource.Untyped(ResourceType.Pods);
    public static readonly Resource<JsonObject> Events = Resource.Untyped(ResourceType.Events);

    public static async Task<string> NewNamespaceAsync(this AgentClusterFixture fixture)
    {
        var name = fixture.NewName("agents");
        await fixture.Admin.CreateAsync(
            Resource.Untyped(ResourceType.Namespaces),
            Written.Json($$"""{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{{name}}", "labels": {"test": "{{name}}"} } }"""),
            CancellationToken.None);
        return name;
    }

    /// <summary>Waits until an object satisfies the condition, woken by its watch.</summary>
    public static async Task<ApiObject<JsonObject>> UntilAsync(
        this KubernetesClient client, Resource<JsonObject> resource, string ns, string name, Func<JsonObject, bool> condition)
    {
        using var patience = Patience.Start();
        ApiObject<JsonObject>? last = null;
        try
        {
            while (true)
            {
                var scope = new ResourceScope { Namespace = ns, FieldSelector = $"metadata.name={name}" };
                var list = await client.ListAsync(resource, scope, patience.Token);
                last = list.Items.FirstOrDefault() ?? last;
                if (list.Items.FirstOrDefault() is { } found && condition(found.Value))
                {
                    return found;
                }

                try
                {
                    await foreach (var news in client.WatchAsync(resource, scope, list.ResourceVersion, patience.Token))
                    {
                        var seen = news switch
                        {
                            WatchEvent<JsonObject>.Added added => added.Object,
                            WatchEvent<JsonObject>.Modified modified => modified.Object,
                            _ => null,
                        };
                        last = seen ?? last;
                        if (seen is not null && condition(seen.Value))
                        {
                            return seen;
                        }
                    }
                }
                catch (ApiException)
                {
                    // Cut: look again.
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{resource.Type} {ns}/{name} did not come to be so; last seen: {last?.Value.ToJsonString() ?? "nothing"}");
        }
    }

    /// <summary>Waits until there is no such object any more.</summary>
    public static async Task UntilGoneAsync(this KubernetesClient client, Resource<JsonObject> resource, string ns, string name)
    {
        using var patience = Patience.Start();
        while (await client.GetAsync(resource, new(ns, name), patience.Token) is not null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Waits until a condition of the test holds that no watch tells of.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var patience = Patience.Start();
        while (!condition())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException(what);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Waits for a condition of an agent.</summary>
    public static Task<ApiObject<JsonObject>> UntilConditionAsync(this KubernetesClient client, string ns, string name, string type, string status, string reason) =>
        client.UntilAsync(Agents, ns, name, agent => Condition(agent, type) is { } condition && (string?)condition["status"] == status && (string?)condition["reason"] == reason);

    public static JsonObject? Condition(JsonObject agent, string type) =>
        (agent["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(condition => (string?)condition["type"] == type);

    public static Task<ApiObject<JsonObject>> CreateAgentAsync(this KubernetesClient client, JsonObject manifest) => client.CreateAsync(Agents, manifest, CancellationToken.None);

    public static Task<ApiObject<JsonObject>> PatchAsync(this KubernetesClient client, Resource<JsonObject> resource, string ns, string name, string patch, string manager = "kubectl-edit") =>
        client.PatchAsync(resource, new(ns, name), Written.Json(patch), manager, CancellationToken.None);

    public static JsonObject Container(JsonObject deployment) => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!.AsObject();
}
