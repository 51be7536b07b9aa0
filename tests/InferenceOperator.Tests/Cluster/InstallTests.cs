using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Manifests;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>The install manifests on a real API server, and the operator with no more rights than they grant.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class InstallTests(AgentClusterFixture cluster)
{
    [ServerFact(Server.KubeApiServer)]
    public async Task The_operator_works_with_the_rights_of_its_service_account_alone()
    {
        foreach (var file in new[] { "namespace.yaml", "rbac.yaml", "operator.yaml" })
        {
            foreach (var document in YamlReader.Read(await File.ReadAllTextAsync(Repository.File("config", "install", file))).Documents)
            {
                await ApplyAsync(document.Content!.AsObject()); // The files hold objects.
            }
        }

        using var folder = new TemporaryFolder();
        var token = await cluster.Server.CreateTokenAsync("inference-operator", "inference-operator", CancellationToken.None);
        var kubeconfig = folder.Write("kubeconfig", $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "{{cluster.Server.Address}}", certificate-authority-data: {{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(cluster.Server.AuthorityPem))}} } }]
            users: [{name: user, user: {token: "{{token}}"} }]
            contexts: [{name: test, context: {cluster: test, user: user} }]
            """);
        var ns = await cluster.NewNamespaceAsync();

        var leases = new LeaseOptions { Namespace = "inference-operator", Group = "inference-operator", Identity = "test_1", Shards = 2 };
        await using var running = await OperatorUnderTest.StartAsync(kubeconfig, ns, leases: leases);
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["observedGeneration"] is not null);
        await cluster.Admin.PatchAsync(Deployments, ns, "ranker", """{"spec": {"replicas": 7}}""");
        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 1);
        await cluster.Admin.DeleteAsync(ResourceType.Services, new(ns, "ranker"), DeleteOptions.Default, CancellationToken.None);
        await cluster.Admin.UntilAsync(Services, ns, "ranker", static _ => true);

        Assert.DoesNotContain(running.Operator.ApiRequests, static request => request.Key.Code is "401" or "403");
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Without_rights_it_waits_and_works_once_they_are_granted()
    {
        var ns = await cluster.NewNamespaceAsync();
        var user = cluster.NewName("powerless");
        var kubeconfig = cluster.Server.WriteKubeconfig(user);
        await using var running = OperatorUnderTest.Launch(kubeconfig, ns);
        await UntilAsync(() => running.Operator.ApiRequests.Any(static request => request.Key.Code == "403"), "nothing was refused");
        Assert.NotNull(running.Operator.NotReadyBecause);

        await ApplyAsync(Written.Json($$"""
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "{{user}}"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
             "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "{{user}}"}]}
            """));

        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        Assert.Null(running.Operator.NotReadyBecause);
    }

    private async Task ApplyAsync(JsonObject manifest)
    {
        var kind = GroupVersionKind.From((string)manifest["apiVersion"]!, (string)manifest["kind"]!);
        var type = await cluster.Admin.Discovery.FindAsync(kind, CancellationToken.None);
        Assert.NotNull(type);
        await cluster.Admin.ApplyAsync(Resource.Untyped(type), (JsonObject)manifest.DeepClone(), new ApplyOptions("test", Force: true), CancellationToken.None);
    }
}
