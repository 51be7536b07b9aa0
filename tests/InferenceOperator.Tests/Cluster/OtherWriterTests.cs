using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Kubernetes;
using InferenceOperator.Manifests;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>Who else writes the number of replicas, against a real API server.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class OtherWriterTests(AgentClusterFixture cluster)
{
    // Under this name the API server notes what a HorizontalPodAutoscaler writes.
    private const string AutoscalersManager = "kube-controller-manager";

    private static readonly ResourceType ScaledObjects = ReplicaWriters.ScaledObjects.Single();

    private KubernetesClient Admin => cluster.Admin;

    [ServerFact(Server.KubeApiServer)]
    public async Task An_autoscaler_of_the_deployment_is_named_and_its_number_stands_until_it_is_gone()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "True", "AsDeclared");
        await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);

        var type = await CreateAutoscalerAsync(ns, "theirs", "apps/v1", "Deployment");

        var told = await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "False", "OtherWriter");
        Assert.Contains($"HorizontalPodAutoscaler {ns}/theirs", (string?)Condition(told.Value, "ScalingAsDeclared")!["message"], StringComparison.Ordinal);
        await Admin.PatchAsync(Deployments, ns, "ranker", """{"spec": {"replicas": 14}}""", AutoscalersManager);
        await Admin.UntilAsync(Agents, ns, "ranker", static a => (int?)a["status"]?["replicas"] == 14);

        // What is not about replicas goes on, beyond the manifest's own bounds of them.
        await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"slo": {"latency": {"target": "80ms"}}, "template": {"nodeSelector": {"zone": "a"}}}}""");
        await Admin.UntilAsync(ConfigMaps, ns, "ranker-settings", static c => ((string)c["data"]!["settings.json"]!).Contains("\"targetMs\":80", StringComparison.Ordinal));
        var changed = await Admin.UntilAsync(Deployments, ns, "ranker", static d => d["spec"]!["template"]!["spec"]!["nodeSelector"] is not null);
        Assert.Equal(14, (int)changed.Value["spec"]!["replicas"]!);
        var agent = await Admin.UntilAsync(Agents, ns, "ranker", static a => (int?)a["status"]?["observedGeneration"] == 2);
        Assert.Equal("False", (string?)Condition(agent.Value, "Stalled")!["status"]);
        Assert.Contains($"HorizontalPodAutoscaler {ns}/theirs", System.Text.Encoding.UTF8.GetString(running.Operator.Decisions($"{ns}/ranker")!), StringComparison.Ordinal);

        await Admin.DeleteAsync(type, new(ns, "theirs"), DeleteOptions.Default, CancellationToken.None);

        await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "True", "AsDeclared");
        await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 10);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_autoscaler_that_is_there_before_the_operator_is_not_overwritten_at_its_start()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using (await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
            await Admin.UntilAsync(Deployments, ns, "ranker", static _ => true);
        }

        await CreateAutoscalerAsync(ns, "theirs", "apps/v1", "Deployment");
        await Admin.PatchAsync(Deployments, ns, "ranker", """{"spec": {"replicas": 14}}""", AutoscalersManager);

        await using var restarted = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "False", "OtherWriter");

        Assert.Equal(14, (int)(await Admin.GetAsync(Deployments, new(ns, "ranker"), CancellationToken.None))!.Value["spec"]!["replicas"]!);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_autoscaler_of_the_agent_itself_is_no_other_writer()
    {
        var ns = await cluster.NewNamespaceAsync();
        await CreateAutoscalerAsync(ns, "mine", "inferenceoperator.io/v1alpha1", "InferenceAgent");
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "True", "AsDeclared");

        // What it writes through /scale is this field.
        await Admin.PatchAsync(Agents, ns, "ranker", """{"spec": {"scaling": {"replicas": 4}}}""", AutoscalersManager);

        await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 4);
        var agent = await Admin.UntilAsync(Agents, ns, "ranker", static a => (int?)a["status"]?["observedGeneration"] == 2 && (int?)a["status"]?["replicas"] == 4);
        Assert.Equal("True", (string?)Condition(agent.Value, "ScalingAsDeclared")!["status"]);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_scaled_object_of_keda_is_named_where_keda_is_installed()
    {
        await InstallScaledObjectsAsync();
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "True", "AsDeclared");

        await Admin.CreateAsync(
            Resource.Untyped(ScaledObjects),
            Written.Json($$"""{"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"namespace": "{{ns}}", "name": "by-queue"}, "spec": {"scaleTargetRef": {"name": "ranker"} } }"""),
            CancellationToken.None);

        var told = await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "False", "OtherWriter");
        Assert.Contains($"ScaledObject {ns}/by-queue", (string?)Condition(told.Value, "ScalingAsDeclared")!["message"], StringComparison.Ordinal);
        await Admin.DeleteAsync(ScaledObjects, new(ns, "by-queue"), DeleteOptions.Default, CancellationToken.None);
        await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "True", "AsDeclared");
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Without_the_right_to_read_autoscalers_it_says_so_once_and_goes_on()
    {
        var ns = await cluster.NewNamespaceAsync();
        var user = cluster.NewName("narrow");
        await GrantAllButAutoscalersAsync(user);
        var log = new TestLog();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.WriteKubeconfig(user), ns, log: log);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "scaling": {"minReplicas": 2} """));

        await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 2);
        await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "Unknown", "WritersUnknown");
        Assert.Single(log.Lines, static line => line.Contains("horizontalpodautoscalers.autoscaling cannot be read", StringComparison.Ordinal));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task An_agent_that_may_go_to_zero_keeps_its_last_replica_and_says_why()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "scaling": {"minReplicas": 0} """));

        await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 1);
        var told = await Admin.UntilConditionAsync(ns, "ranker", "ScalingAsDeclared", "False", "NothingHoldsRequests");
        Assert.Contains("the last replica stays", (string?)Condition(told.Value, "ScalingAsDeclared")!["message"], StringComparison.Ordinal);
    }

    private async Task<ResourceType> CreateAutoscalerAsync(string ns, string name, string apiVersion, string kind)
    {
        var type = await Admin.Discovery.FirstServedAsync(ReplicaWriters.HorizontalPodAutoscalers, CancellationToken.None);
        Assert.NotNull(type);
        var manifest = Written.Json($$"""
            {"apiVersion": "{{type.Group}}/{{type.Version}}", "kind": "HorizontalPodAutoscaler", "metadata": {"namespace": "{{ns}}", "name": "{{name}}"},
             "spec": {"minReplicas": 1, "maxReplicas": 20, "scaleTargetRef": {"apiVersion": "{{apiVersion}}", "kind": "{{kind}}", "name": "ranker"} } }
            """);
        await Admin.CreateAsync(Resource.Untyped(type), manifest, CancellationToken.None);
        return type;
    }

    private async Task InstallScaledObjectsAsync()
    {
        await Admin.CreateAsync(
            Resource.Untyped(ResourceType.CustomResourceDefinitions),
            Written.Json("""
                {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "scaledobjects.keda.sh"},
                 "spec": {"group": "keda.sh", "scope": "Namespaced", "names": {"plural": "scaledobjects", "singular": "scaledobject", "kind": "ScaledObject"},
                  "versions": [{"name": "v1alpha1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}}
                """),
            CancellationToken.None);
        using var patience = Patience.Start();
        while (await Admin.Discovery.FindAsync(ScaledObjects.GroupVersionKind, patience.Token) is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }

    private async Task GrantAllButAutoscalersAsync(string user)
    {
        var role = YamlReader.Read(await File.ReadAllTextAsync(Repository.File("config", "install", "rbac.yaml"))).Documents
            .Select(static document => document.Content!.AsObject()) // The file holds objects.
            .Single(static document => (string?)document["kind"] == "ClusterRole");
        var rules = role["rules"]!.AsArray().Where(static rule => (string?)rule!["apiGroups"]![0] is not ("autoscaling" or "keda.sh")).Select(static rule => rule!.DeepClone());
        var granted = Written.Json($$"""{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "{{user}}"} }""");
        granted["rules"] = new JsonArray([.. rules]);
        await ApplyAsync("ClusterRole", granted);
        await ApplyAsync("ClusterRoleBinding", Written.Json($$"""
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "{{user}}"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "{{user}}"},
             "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "{{user}}"}]}
            """));
    }

    private async Task ApplyAsync(string kind, JsonObject manifest)
    {
        var type = await Admin.Discovery.FindAsync(GroupVersionKind.From("rbac.authorization.k8s.io/v1", kind), CancellationToken.None);
        await Admin.ApplyAsync(Resource.Untyped(type!), manifest, new ApplyOptions("test", Force: true), CancellationToken.None); // Every API server serves it.
    }
}
