using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Kubernetes.Tests.Objects;

[Collection(ApiServerCollection.Name)]
public sealed class AccessTests(KubeApiServerFixture fixture)
{
    [ServerFact(Server.KubeApiServer)]
    public async Task What_an_account_may_not_do_is_refused_with_who_what_and_where()
    {
        using var client = Cluster.Connect(fixture.Server.WriteKubeconfig("mallory", "visitors"));

        var error = await Assert.ThrowsAsync<ApiException>(
            () => client.ListAsync(Cluster.Deployments, ResourceScope.In("default"), CancellationToken.None));

        Assert.Equal((ApiErrorReason.Forbidden, 403), (error.Reason, error.Code));
        Assert.StartsWith("list deployments.apps in default: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("mallory", error.Message, StringComparison.Ordinal);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_server_that_another_authority_vouches_for_is_not_talked_to()
    {
        using var folder = new TemporaryFolder();
        var text = $$"""
            current-context: a
            clusters: [{name: a, cluster: {server: "{{fixture.Server.Address}}"} }]
            contexts: [{name: a, context: {cluster: a} }]
            """;
        using var client = Cluster.Connect(folder.Write("config", text));

        var error = await Assert.ThrowsAsync<ApiException>(() => client.GetVersionAsync(CancellationToken.None));

        Assert.Equal(ApiErrorReason.Unreachable, error.Reason);
        Assert.Contains("certificate", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_server_that_is_not_there_is_named_in_the_error()
    {
        using var folder = new TemporaryFolder();
        var port = RealServer.FreePort();
        var text = $$"""
            current-context: a
            clusters: [{name: a, cluster: {server: "http://127.0.0.1:{{port}}"} }]
            contexts: [{name: a, context: {cluster: a} }]
            """;
        using var client = Cluster.Connect(folder.Write("config", text), new() { AttemptsMax = 2 });

        var error = await Assert.ThrowsAsync<ApiException>(() => client.GetVersionAsync(CancellationToken.None));

        Assert.Equal(ApiErrorReason.Unreachable, error.Reason);
        Assert.Contains($"http://127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_pod_reaches_the_server_with_its_mounted_token()
    {
        var (admin, ns) = await fixture.EnterAsync();
        using var owned = admin;
        await admin.CreateAsync(
            Resource.Untyped(ResourceType.ServiceAccounts),
            Cluster.Json($$$"""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"namespace":"{{{ns}}}","name":"worker"}}"""),
            CancellationToken.None);
        using var folder = new TemporaryFolder();
        folder.Write("token", await fixture.Server.CreateTokenAsync(ns, "worker", CancellationToken.None));
        folder.Write("ca.crt", fixture.Server.AuthorityPem);
        folder.Write("namespace", ns);
        var environment = new Dictionary<string, string>
        {
            ["KUBERNETES_SERVICE_HOST"] = fixture.Server.Address.Host,
            ["KUBERNETES_SERVICE_PORT"] = $"{fixture.Server.Address.Port}",
        };

        var config = InClusterConfig.Read(environment.GetValueOrDefault, folder.Path);
        using var client = KubernetesClient.Connect(config, new(), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var error = await Assert.ThrowsAsync<ApiException>(
            () => client.ListAsync(Cluster.ConfigMaps, ResourceScope.In(ns), CancellationToken.None));

        Assert.Equal(ns, config.Namespace);
        Assert.Contains($"system:serviceaccount:{ns}:worker", error.Message, StringComparison.Ordinal);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Discovery_knows_what_is_served_and_learns_what_appears()
    {
        var (client, _) = await fixture.EnterAsync();
        using var owned = client;
        var missing = new GroupVersionKind("nowhere.example.io", "v1", "Gadget");

        var deployments = await client.Discovery.FindAsync(ResourceType.Deployments.GroupVersionKind, CancellationToken.None);
        var nothing = await client.Discovery.FindAsync(missing, CancellationToken.None);
        var budgets = await client.Discovery.FirstServedAsync(
            [ResourceType.PodDisruptionBudgets, ResourceType.PodDisruptionBudgets with { Version = "v1beta1" }], CancellationToken.None);
        var widgets = await Widgets.InstallAsync(client);

        Assert.Equal(ResourceType.Deployments, deployments);
        Assert.Null(nothing);
        Assert.NotNull(budgets);
        Assert.Equal(new ResourceType("example.io", "v1", "widgets", "Widget", Namespaced: true), widgets);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task The_server_tells_its_version()
    {
        using var client = Cluster.Connect(fixture.Server.AdminKubeconfig);

        var version = await client.GetVersionAsync(CancellationToken.None);

        Assert.Equal($"v{version.Major}.{version.Minor}.", version.Text[..(version.Text.LastIndexOf('.') + 1)]);
    }
}
