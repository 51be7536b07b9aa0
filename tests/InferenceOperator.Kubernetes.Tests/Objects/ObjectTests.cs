using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Objects;

[Collection(ApiServerCollection.Name)]
public sealed class ObjectTests(KubeApiServerFixture fixture)
{
    [ServerFact(Server.KubeApiServer)]
    public async Task An_object_that_is_created_can_be_read_and_deleted_and_is_then_gone()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var key = new ObjectKey(ns, "one");

        var created = await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "a"), CancellationToken.None);
        var read = await client.GetAsync(Cluster.ConfigMaps, key, CancellationToken.None);

        Assert.Equal(key, created.Key);
        Assert.Equal((created.Uid, created.ResourceVersion, "a"), (read?.Uid, read?.ResourceVersion, read?.Value()));
        Assert.True(await client.DeleteAsync(ResourceType.ConfigMaps, key, DeleteOptions.Default, CancellationToken.None));
        Assert.Null(await client.GetAsync(Cluster.ConfigMaps, key, CancellationToken.None));
        Assert.False(await client.DeleteAsync(ResourceType.ConfigMaps, key, DeleteOptions.Default, CancellationToken.None));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Creating_what_exists_says_so()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "a"), CancellationToken.None);

        var error = await Assert.ThrowsAsync<ApiException>(
            () => client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "b"), CancellationToken.None));

        Assert.Equal((ApiErrorReason.AlreadyExists, 409), (error.Reason, error.Code));
        Assert.StartsWith($"create configmaps {ns}/one: ", error.Message, StringComparison.Ordinal);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_invalid_object_is_refused_with_the_field_at_fault()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var manifest = Cluster.Deployment(ns, "one", replicas: -1);

        var error = await Assert.ThrowsAsync<ApiException>(() => client.CreateAsync(Cluster.Deployments, manifest, CancellationToken.None));

        Assert.Equal(ApiErrorReason.Invalid, error.Reason);
        Assert.Equal("spec.replicas", Assert.Single(error.Status.Details!.Causes!).Field);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_list_over_several_pages_holds_every_object_once()
    {
        var (client, ns) = await fixture.EnterAsync(new() { PageSize = 7 });
        using var owned = client;
        var names = Enumerable.Range(0, 23).Select(static i => $"map-{i:00}").ToArray();
        foreach (var name in names)
        {
            await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, name, name), CancellationToken.None);
        }

        var list = await client.ListAsync(Cluster.ConfigMaps, ResourceScope.In(ns), CancellationToken.None);

        Assert.Equal(names, list.Items.Select(static item => item.Key.Name).Order(StringComparer.Ordinal));
        Assert.NotEmpty(list.ResourceVersion);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_list_by_label_holds_only_what_carries_it()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "mine", "a", "x"), CancellationToken.None);
        await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "other", "a", "y"), CancellationToken.None);

        var scope = new ResourceScope { Namespace = ns, LabelSelector = "group in (x)" };
        var list = await client.ListAsync(Cluster.ConfigMaps, scope, CancellationToken.None);

        Assert.Equal(["mine"], list.Items.Select(static item => item.Key.Name));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_deletion_whose_precondition_does_not_hold_deletes_nothing()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var created = await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "a"), CancellationToken.None);
        var other = new DeleteOptions { Uid = "00000000-0000-0000-0000-000000000000" };

        var error = await Assert.ThrowsAsync<ApiException>(
            () => client.DeleteAsync(ResourceType.ConfigMaps, created.Key, other, CancellationToken.None));

        Assert.Equal(ApiErrorReason.Conflict, error.Reason);
        var precise = new DeleteOptions { Uid = created.Uid, ResourceVersion = created.ResourceVersion };
        Assert.True(await client.DeleteAsync(ResourceType.ConfigMaps, created.Key, precise, CancellationToken.None));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_foreground_deletion_marks_the_object_and_a_background_one_removes_it()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        await client.CreateAsync(Cluster.Deployments, Cluster.Deployment(ns, "front", 1), CancellationToken.None);
        await client.CreateAsync(Cluster.Deployments, Cluster.Deployment(ns, "back", 1), CancellationToken.None);

        var foreground = new DeleteOptions { Propagation = DeletionPropagation.Foreground };
        await client.DeleteAsync(ResourceType.Deployments, new ObjectKey(ns, "front"), foreground, CancellationToken.None);
        await client.DeleteAsync(ResourceType.Deployments, new ObjectKey(ns, "back"), DeleteOptions.Default, CancellationToken.None);

        var front = await client.GetAsync(Cluster.Deployments, new ObjectKey(ns, "front"), CancellationToken.None);
        Assert.NotNull(front?.Value["metadata"]?["deletionTimestamp"]);
        Assert.Equal("foregroundDeletion", (string?)front.Value["metadata"]!["finalizers"]![0]);
        Assert.Null(await client.GetAsync(Cluster.Deployments, new ObjectKey(ns, "back"), CancellationToken.None));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_merge_patch_for_a_state_that_is_past_is_refused()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var first = await client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "a"), CancellationToken.None);
        var patch = Cluster.Json("""{"data":{"value":"b"}}""");
        var second = await client.PatchAsync(Cluster.ConfigMaps, first.Key, patch, "test", CancellationToken.None);

        var late = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = first.ResourceVersion },
            ["data"] = new JsonObject { ["value"] = "c" },
        };
        var error = await Assert.ThrowsAsync<ApiException>(
            () => client.PatchAsync(Cluster.ConfigMaps, first.Key, late, "test", CancellationToken.None));

        Assert.Equal("b", second.Value());
        Assert.Equal(ApiErrorReason.Conflict, error.Reason);
    }
}
