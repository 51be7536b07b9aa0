using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Objects;

[Collection(ApiServerCollection.Name)]
public sealed class ApplyTests(KubeApiServerFixture fixture)
{
    private static readonly ApplyOptions Ours = new("ours", Force: false);

    [ServerFact(Server.KubeApiServer)]
    public async Task The_same_manifest_applied_twice_writes_nothing_the_second_time()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;

        var first = Applied(await client.ApplyAsync(Cluster.Deployments, Cluster.Deployment(ns, "one", 2), Ours, CancellationToken.None));
        var second = Applied(await client.ApplyAsync(Cluster.Deployments, Cluster.Deployment(ns, "one", 2), Ours, CancellationToken.None));

        Assert.Equal(first.ResourceVersion, second.ResourceVersion);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_field_of_another_manager_is_a_conflict_that_names_it_and_force_takes_it()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var key = new ObjectKey(ns, "one");
        await client.ApplyAsync(Cluster.Deployments, Cluster.Deployment(ns, "one", 2), Ours, CancellationToken.None);
        await client.PatchAsync(Cluster.Deployments, key, Cluster.Json("""{"spec":{"replicas":9}}"""), "theirs", CancellationToken.None);

        var refused = await client.ApplyAsync(Cluster.Deployments, Cluster.Deployment(ns, "one", 3), Ours, CancellationToken.None);
        var untouched = await client.GetAsync(Cluster.Deployments, key, CancellationToken.None);
        var forced = Applied(await client.ApplyAsync(
            Cluster.Deployments, Cluster.Deployment(ns, "one", 3), Ours with { Force = true }, CancellationToken.None));

        var conflict = Assert.IsType<ApplyOutcome<JsonObject>.Conflicted>(refused);
        Assert.Equal(new FieldConflict("theirs", ".spec.replicas"), Assert.Single(conflict.Conflicts));
        Assert.Equal(9, (int)untouched!.Value["spec"]!["replicas"]!);
        Assert.Equal(3, (int)forced.Value["spec"]!["replicas"]!);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_field_that_is_no_longer_applied_goes_and_fields_of_others_stay()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var key = new ObjectKey(ns, "one");
        var wide = Cluster.ConfigMap(ns, "one", "a");
        wide["data"]!["extra"] = "b";
        await client.ApplyAsync(Cluster.ConfigMaps, wide, Ours, CancellationToken.None);
        await client.PatchAsync(Cluster.ConfigMaps, key, Cluster.Json("""{"data":{"foreign":"c"}}"""), "theirs", CancellationToken.None);

        var narrow = Applied(await client.ApplyAsync(Cluster.ConfigMaps, Cluster.ConfigMap(ns, "one", "a"), Ours, CancellationToken.None));

        Assert.Equal(["foreign", "value"], narrow.Value["data"]!.AsObject().Select(static field => field.Key).Order(StringComparer.Ordinal));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Status_is_written_apart_from_spec_by_apply_and_by_patch()
    {
        var (client, ns) = await fixture.EnterAsync();
        using var owned = client;
        var widgets = Resource.Untyped(await Widgets.InstallAsync(client));
        var widget = Cluster.Json($$$"""
            {"apiVersion":"example.io/v1","kind":"Widget","metadata":{"namespace":"{{{ns}}}","name":"one"},"spec":{"size":1},"status":{"phase":"ignored"}}
            """);
        var created = await client.CreateAsync(widgets, widget, CancellationToken.None);

        var status = Cluster.Json($$$"""
            {"apiVersion":"example.io/v1","kind":"Widget","metadata":{"namespace":"{{{ns}}}","name":"one"},"status":{"phase":"Ready"}}
            """);
        // By force: before 1.21 whoever created the object owns the status that was dropped from its manifest.
        var applied = Applied(await client.ApplyStatusAsync(widgets, status, Ours with { Force = true }, CancellationToken.None));
        var patch = Cluster.Json("""{"spec":{"size":7},"status":{"note":"hello"}}""");
        var patched = await client.PatchStatusAsync(widgets, created.Key, patch, "ours", CancellationToken.None);

        Assert.Null(created.Value["status"]);
        Assert.Equal("Ready", (string?)applied.Value["status"]!["phase"]);
        Assert.Equal("hello", (string?)patched.Value["status"]!["note"]);
        Assert.Equal(1, (int)patched.Value["spec"]!["size"]!);
        Assert.Equal(1, (int)patched.Value["metadata"]!["generation"]!);
    }

    private static ApiObject<JsonObject> Applied(ApplyOutcome<JsonObject> outcome) =>
        Assert.IsType<ApplyOutcome<JsonObject>.Applied>(outcome).Object;
}
