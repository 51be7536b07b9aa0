using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Events;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Events;

[Collection(ApiServerCollection.Name)]
public sealed class EventRecorderTests(KubeApiServerFixture fixture)
{
    [ServerFact(Server.KubeApiServer)]
    public async Task Reports_become_events_on_the_object_and_equal_ones_a_count()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var map = await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "a"), CancellationToken.None);
        var recorder = new EventRecorder(client, "test-operator", "test-operator-0", NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var run = recorder.RunAsync(stop.Token);
        var regarding = ObjectReference.To(ResourceType.ConfigMaps, map);

        recorder.Record(regarding, EventSeverity.Normal, "Scaled", "From 1 to 2 replicas.");
        recorder.Record(regarding, EventSeverity.Normal, "Scaled", "From 1 to 2 replicas.");
        recorder.Record(regarding, EventSeverity.Warning, "Stuck", "No node has a GPU to spare.");
        var events = await EventsAsync(client, ns, static found => found.Any(static e => (string?)e["reason"] == "Stuck"));
        await stop.CancelAsync();
        await run;

        var scaled = events.Single(static e => (string?)e["reason"] == "Scaled");
        Assert.Equal((2, "Normal", "one", map.Uid), ((int)scaled["count"]!, (string?)scaled["type"], (string?)scaled["involvedObject"]!["name"], (string?)scaled["involvedObject"]!["uid"]));
        Assert.Equal("Warning", (string?)events.Single(static e => (string?)e["reason"] == "Stuck")["type"]);
        Assert.Equal(0, recorder.Dropped);
    }

    /// <summary>Follows the events of the namespace until they fulfil the condition.</summary>
    private static async Task<IReadOnlyList<JsonObject>> EventsAsync(
        KubernetesClient client, string ns, Func<IReadOnlyList<JsonObject>, bool> condition)
    {
        using var patience = new CancellationTokenSource(Cluster.Patience, TimeProvider.System);
        var events = Resource.Untyped(ResourceType.Events);
        var list = await client.ListAsync(events, ResourceScope.In(ns), patience.Token);
        var found = list.Items.ToDictionary(static item => item.Key, static item => item.Value);
        if (!condition([.. found.Values]))
        {
            await foreach (var news in client.WatchAsync(events, ResourceScope.In(ns), list.ResourceVersion, patience.Token))
            {
                var seen = news switch
                {
                    WatchEvent<JsonObject>.Added added => added.Object,
                    WatchEvent<JsonObject>.Modified modified => modified.Object,
                    _ => null,
                };
                if (seen is not null)
                {
                    found[seen.Key] = seen.Value;
                }

                if (condition([.. found.Values]))
                {
                    break;
                }
            }
        }

        return [.. found.Values];
    }
}
