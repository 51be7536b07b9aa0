using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Caching;

[Collection(ApiServerCollection.Name)]
public sealed class InformerTests(KubeApiServerFixture fixture)
{
    [ServerFact(Server.KubeApiServer)]
    public async Task What_was_there_and_what_happens_is_reported_in_order_with_old_and_new()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "before", "0"), CancellationToken.None);
        await using var following = await Following.StartAsync(fixture.Server.AdminKubeconfig, ResourceScope.In(ns));

        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "1"), CancellationToken.None);
        await PatchAsync(client, ns, "one", "2");
        await client.DeleteAsync(ResourceType.ConfigMaps, new ObjectKey(ns, "one"), DeleteOptions.Default, CancellationToken.None);
        await PatchAsync(client, ns, "before", "last");
        await following.Log.UntilValueAsync("before", "last");

        Assert.Equal(["+before=0", "+one=1", "one:1>2", "-one", "before:0>last"], following.Log.Changes.Select(ChangeLog.Text));
        Assert.Equal("last", following.Informer.Find(new ObjectKey(ns, "before"))?.Value());
        Assert.Null(following.Informer.Find(new ObjectKey(ns, "one")));
        Assert.Equal(1, following.Informer.Count);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Objects_that_leave_the_selection_are_reported_as_deleted()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var scope = new ResourceScope { Namespace = ns, LabelSelector = "group=x" };
        await using var following = await Following.StartAsync(fixture.Server.AdminKubeconfig, scope);

        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "other", "0", "y"), CancellationToken.None);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "1", "x"), CancellationToken.None);
        var relabel = Cluster.Json("""{"metadata":{"labels":{"group":"y"}}}""");
        await client.PatchAsync(Cluster.ConfigMaps, new ObjectKey(ns, "one"), relabel, "test", CancellationToken.None);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "last", "2", "x"), CancellationToken.None);
        await following.Log.UntilValueAsync("last", "2");

        Assert.Equal(["+one=1", "-one", "+last=2"], following.Log.Changes.Select(ChangeLog.Text));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_watch_that_is_cut_again_and_again_loses_nothing_and_repeats_nothing()
    {
        const int Seed = 20_300_101;
        var random = new Random(Seed);
        var (client, ns) = await fixture.EnterAsync(new() { QueriesPerSecond = 1000, Burst = 1000 });
        using var owned = client;
        await using var following = await Following.StartAsync(
            fixture.Server.AdminKubeconfig, ResourceScope.In(ns), () => random.Next(1, 4000));

        var written = new List<string>();
        for (var round = 0; round < 60; round++)
        {
            var name = $"map-{round % 5}";
            var manifest = Cluster.ConfigMap(ns, name, $"{round}");
            await client.ApplyAsync(Cluster.ConfigMaps, manifest, new ApplyOptions("test", Force: true), CancellationToken.None);
            written.Add($"{name}={round}");
            if (round % 7 == 6)
            {
                await client.DeleteAsync(ResourceType.ConfigMaps, new ObjectKey(ns, name), DeleteOptions.Default, CancellationToken.None);
            }
        }

        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "end", "end"), CancellationToken.None);
        await following.Log.UntilValueAsync("end", "end");

        var seen = following.Log.Changes.Select(static change => change switch
        {
            ObjectChange<System.Text.Json.Nodes.JsonObject>.Added added => $"{added.Key.Name}={added.New.Value()}",
            ObjectChange<System.Text.Json.Nodes.JsonObject>.Updated updated => $"{updated.Key.Name}={updated.New.Value()}",
            _ => "",
        }).Where(static text => text.Length > 0 && text != "end=end");
        Assert.Equal(written, seen);
        Assert.Equal(8, following.Log.Changes.Count(static change => change is ObjectChange<System.Text.Json.Nodes.JsonObject>.Deleted));
        Assert.Empty(following.Log.Contradictions);
        Assert.True(following.Connection.Cuts > 5, $"seed {Seed}: only {following.Connection.Cuts} cuts");
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_object_that_does_not_fit_the_type_stays_as_last_understood_and_the_others_go_on()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var narrow = new Resource<NarrowConfigMap>(ResourceType.ConfigMaps, NarrowConfigMapJson.Default.NarrowConfigMap);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "good", "1"), CancellationToken.None);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "never", "abc"), CancellationToken.None);
        var reached = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        var informer = new Informer<NarrowConfigMap>(
            client,
            narrow,
            new InformerOptions<NarrowConfigMap> { Scope = ResourceScope.In(ns) },
            change =>
            {
                if (change is ObjectChange<NarrowConfigMap>.Added { New.Value.Data.Value: 99 })
                {
                    reached.SetResult();
                }
            },
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var run = informer.RunAsync(stop.Token);
        await informer.Synced.WaitAsync(Cluster.Patience, TimeProvider.System);

        await PatchAsync(client, ns, "good", "garbage");
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "end", "99"), CancellationToken.None);
        await reached.Task.WaitAsync(Cluster.Patience, TimeProvider.System);
        await stop.CancelAsync();
        await run;

        Assert.Equal(1, informer.Find(new ObjectKey(ns, "good"))?.Value.Data?.Value);
        Assert.Null(informer.Find(new ObjectKey(ns, "never")));
    }

    internal static Task PatchAsync(KubernetesClient client, string ns, string name, string value) =>
        client.PatchAsync(
            Cluster.ConfigMaps,
            new ObjectKey(ns, name),
            Cluster.Json($$$"""{"data":{"value":"{{{value}}}"} }"""),
            "test",
            CancellationToken.None);
}
