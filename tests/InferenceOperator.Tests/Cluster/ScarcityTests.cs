using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>The operator on a real API server whose nodes and quotas have fewer GPUs than agents want.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class ScarcityTests(AgentClusterFixture cluster)
{
    private static readonly Resource<JsonObject> Nodes = Resource.Untyped(ResourceType.Nodes);

    private KubernetesClient Admin => cluster.Admin;

    [ServerFact(Server.KubeApiServer)]
    public async Task The_gpus_of_the_nodes_go_by_priority_and_come_back_with_room()
    {
        var (ns, node, device) = (await cluster.NewNamespaceAsync(), cluster.NewName("node"), $"test.example/{cluster.NewName("gpu")}");
        await Admin.CreateAsync(Nodes, Written.Json($$"""{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "{{node}}"} }"""), CancellationToken.None);
        await OfferAsync(node, device, 4);
        await TakeOneAsync(ns, node, device);
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        await Admin.CreateAgentAsync(Written.Agent(ns, "low", Spec(device, priority: 0)));
        await Admin.UntilAsync(Deployments, ns, "low", static d => (int)d["spec"]!["replicas"]! == 2);
        await Admin.CreateAgentAsync(Written.Agent(ns, "high", Spec(device, priority: 10)));

        await Admin.UntilAsync(Deployments, ns, "high", static d => (int)d["spec"]!["replicas"]! == 2);
        await Admin.UntilAsync(Deployments, ns, "low", static d => (int)d["spec"]!["replicas"]! == 1);
        var cut = await Admin.UntilConditionAsync(ns, "low", "CapacityAvailable", "False", "Scarcity");
        Assert.Equal(
            $"cut from 2 to 1: the {device} pool of 4 (nodes), 1 of them used by others, is short by 1; {ns}/high of higher priority has 2; 1 more would give it all",
            (string?)Condition(cut.Value, "CapacityAvailable")!["message"]);

        await OfferAsync(node, device, 5);
        await Admin.UntilAsync(Deployments, ns, "low", static d => (int)d["spec"]!["replicas"]! == 2);
        await Admin.UntilConditionAsync(ns, "low", "CapacityAvailable", "True", "Available");
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_quota_bounds_its_namespace()
    {
        var (ns, device) = (await cluster.NewNamespaceAsync(), $"test.example/{cluster.NewName("gpu")}");
        await Admin.CreateAsync(
            Resource.Untyped(ResourceType.ResourceQuotas),
            Written.Json($$"""{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"namespace": "{{ns}}", "name": "gpus"}, "spec": {"hard": {"requests.{{device}}": "1"} } }"""),
            CancellationToken.None);
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", Spec(device, priority: 0)));

        var cut = await Admin.UntilConditionAsync(ns, "ranker", "CapacityAvailable", "False", "Scarcity");
        Assert.Contains($"pool of 1 (ResourceQuota {ns}/gpus) is short by 1", (string?)Condition(cut.Value, "CapacityAvailable")!["message"], StringComparison.Ordinal);
        await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 1);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Pods_are_replaced_in_place_where_no_gpu_is_free_for_one_more()
    {
        var (ns, node, device) = (await cluster.NewNamespaceAsync(), cluster.NewName("node"), $"test.example/{cluster.NewName("gpu")}");
        await Admin.CreateAsync(Nodes, Written.Json($$"""{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "{{node}}"} }"""), CancellationToken.None);
        await OfferAsync(node, device, 2);
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", Spec(device, priority: 0)));
        var before = await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 2);
        Assert.Equal((0, 1), Limits(before.Value));
        foreach (var name in new[] { "ranker-1", "ranker-2" })
        {
            await TakeOneAsync(ns, node, device, name, "ranker");
        }

        await UntilReplacedAsync(ns, "ranker", (1, 0));
        await OfferAsync(node, device, 3);
        await UntilReplacedAsync(ns, "ranker", (0, 1));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_device_that_no_node_offers_is_named_beside_the_scheduler_s_words()
    {
        var (ns, node, device) = (await cluster.NewNamespaceAsync(), cluster.NewName("node"), $"test.example/{cluster.NewName("gpu")}");
        await Admin.CreateAsync(Nodes, Written.Json($$"""{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "{{node}}"} }"""), CancellationToken.None);
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", Spec(device, priority: 0)));
        await Admin.CreateAsync(Pods, Written.Pod(ns, "ranker-1", "ranker"), CancellationToken.None);
        await Admin.PatchStatusAsync(Pods, new(ns, "ranker-1"), Written.Json($$"""
            {"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient {{device}}."}]} }
            """), "kube-scheduler", CancellationToken.None);

        var lacking = await Admin.UntilConditionAsync(ns, "ranker", "CapacityAvailable", "False", "NoSuchDevice");

        var message = (string?)Condition(lacking.Value, "CapacityAvailable")!["message"];
        Assert.Contains($"no node offers {device}", message, StringComparison.Ordinal);
        Assert.Contains("3 Insufficient", message, StringComparison.Ordinal);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Without_the_right_to_read_nodes_it_goes_on_and_says_so()
    {
        var (ns, user) = (await cluster.NewNamespaceAsync(), cluster.NewName("narrow"));
        var role = Written.Json($$"""
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "{{user}}"}, "rules": [
              {"apiGroups": ["inferenceoperator.io", "apps"], "resources": ["*"], "verbs": ["*"]},
              {"apiGroups": [""], "resources": ["services", "configmaps", "serviceaccounts", "secrets", "pods", "events"], "verbs": ["*"]} ]}
            """);
        var binding = Written.Json($$"""
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "{{user}}", "namespace": "{{ns}}"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "{{user}}"},
             "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "{{user}}"}]}
            """);
        foreach (var manifest in new[] { role, binding })
        {
            var type = await Admin.Discovery.FindAsync(GroupVersionKind.From((string)manifest["apiVersion"]!, (string)manifest["kind"]!), CancellationToken.None);
            await Admin.CreateAsync(Resource.Untyped(type!), manifest, CancellationToken.None); // Every server has them.
        }

        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.WriteKubeconfig(user), ns);
        await Admin.CreateAgentAsync(Written.Agent(ns, "ranker", Spec("test.example/gpu", priority: 0)));

        var agent = await Admin.UntilConditionAsync(ns, "ranker", "CapacityAvailable", "True", "Available");
        var message = (string?)Condition(agent.Value, "CapacityAvailable")!["message"];
        Assert.Contains("the GPUs that are free on the nodes and those that quotas leave are not known", message, StringComparison.Ordinal);
        Assert.Contains("nodes is forbidden", message, StringComparison.Ordinal);
        await Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 2);
    }

    private static string Spec(string device, int priority) =>
        $$""" "slo": {"latency": {"target": "50ms"}, "priority": {{priority}} }, "gpu": {"count": 1, "resource": "{{device}}"}, "scaling": {"minReplicas": 2} """;

    private Task<ApiObject<JsonObject>> OfferAsync(string node, string device, int gpus) => Admin.PatchStatusAsync(
        Nodes,
        new("", node),
        Written.Json($$"""{"status": {"capacity": {"{{device}}": "{{gpus}}"}, "allocatable": {"{{device}}": "{{gpus}}"}, "conditions": [{"type": "Ready", "status": "True"}]} }"""),
        "kubelet",
        CancellationToken.None);

    /// <summary>Changes the template until the change comes with these limits, in the same write: what the nodes have reaches the operator by another watch than the agent.</summary>
    private async Task UntilReplacedAsync(string ns, string name, (int Unavailable, int Surge) limits)
    {
        using var patience = Patience.Start();
        for (var zone = 0; ; zone++)
        {
            var wanted = $"{limits.Surge}-{zone}";
            await Admin.PatchAsync(Agents, ns, name, $$$"""{"spec": {"template": {"nodeSelector": {"zone": "{{{wanted}}}"} } } }""");
            var changed = await Admin.UntilAsync(Deployments, ns, name, d => (string?)d["spec"]!["template"]!["spec"]!["nodeSelector"]?["zone"] == wanted);
            if (Limits(changed.Value) == limits)
            {
                return;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static (int Unavailable, int Surge) Limits(JsonObject deployment)
    {
        var limits = deployment["spec"]!["strategy"]!["rollingUpdate"]!;
        return ((int)limits["maxUnavailable"]!, (int)limits["maxSurge"]!);
    }

    /// <summary>A pod, of nobody's unless an agent is named, takes one.</summary>
    private Task<ApiObject<JsonObject>> TakeOneAsync(string ns, string node, string device, string name = "other", string agent = "") => Admin.CreateAsync(
        Pods,
        Written.Json($$"""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "{{ns}}", "name": "{{name}}", "labels": {"inferenceoperator.io/agent": "{{agent}}"} },
             "spec": {"nodeName": "{{node}}", "containers": [{"name": "c", "image": "i", "resources": {"limits": {"{{device}}": "1"}, "requests": {"{{device}}": "1"} } }]} }
            """),
        CancellationToken.None);
}
