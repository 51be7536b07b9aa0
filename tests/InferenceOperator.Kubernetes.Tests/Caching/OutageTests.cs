using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Caching;

/// <summary>These stop the API server or make it forget, so they have one of their own. Without its watch cache it answers from etcd alone.</summary>
public sealed class OutageTests
{
    [ServerFact(Server.KubeApiServer)]
    public async Task An_api_server_that_dies_and_comes_back_costs_no_event_and_doubles_none()
    {
        await using var server = await KubeApiServer.StartAsync([], CancellationToken.None);
        using var client = Cluster.Connect(server.AdminKubeconfig);
        await client.CreateNamespaceAsync("a");
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "one", "1"), CancellationToken.None);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "two", "1"), CancellationToken.None);
        await using var following = await Following.StartAsync(server.AdminKubeconfig, ResourceScope.In("a"));

        await server.StopAsync();
        Assert.Equal(2, following.Informer.Snapshot().Length);
        await server.RestartAsync(CancellationToken.None);
        await InformerTests.PatchAsync(client, "a", "one", "2");
        await client.DeleteAsync(ResourceType.ConfigMaps, new ObjectKey("a", "two"), DeleteOptions.Default, CancellationToken.None);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "end", "1"), CancellationToken.None);
        await following.Log.UntilValueAsync("end", "1");

        Assert.Equal(["+one=1", "+two=1", "one:1>2", "-two", "+end=1"], following.Log.Changes.Select(ChangeLog.Text));
        Assert.Empty(following.Log.Contradictions);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_moment_that_the_server_has_forgotten_is_made_up_for_by_a_list_deletions_included()
    {
        await using var server = await KubeApiServer.StartAsync(["--watch-cache=false"], CancellationToken.None);
        using var client = Cluster.Connect(server.AdminKubeconfig);
        await client.CreateNamespaceAsync("a");
        foreach (var name in (string[])["changes", "goes", "returns", "stays"])
        {
            await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", name, "1"), CancellationToken.None);
        }

        await using var following = await Following.StartAsync(server.AdminKubeconfig, ResourceScope.In("a"));
        var before = following.Log.Changes.Count;

        following.Connection.Close();
        await InformerTests.PatchAsync(client, "a", "changes", "2");
        await client.DeleteAsync(ResourceType.ConfigMaps, new ObjectKey("a", "goes"), DeleteOptions.Default, CancellationToken.None);
        await client.DeleteAsync(ResourceType.ConfigMaps, new ObjectKey("a", "returns"), DeleteOptions.Default, CancellationToken.None);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "returns", "2"), CancellationToken.None);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "comes", "2"), CancellationToken.None);
        await server.CompactAsync(CancellationToken.None);
        following.Connection.Open();
        await following.Log.UntilValueAsync("returns", "2");

        Assert.Equal(4, before);
        Assert.Equal(["+comes=2", "+returns=2", "-goes", "-returns", "changes:1>2"], following.Log.Changes.Skip(before).Select(ChangeLog.Text).Order(StringComparer.Ordinal));
        Assert.Empty(following.Log.Contradictions);
        Assert.Equal("2", following.Informer.Find(new ObjectKey("a", "changes"))?.Value());
    }
}
