using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Policies;
using InferenceOperator.Commands;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster.Policies;

[Collection(AgentClusterCollection.Name)]
public sealed class PolicyTests(AgentClusterFixture cluster)
{
    private static readonly Resource<JsonObject> Policies = Resource.Untyped(PolicyStatus.Policies);

    [ServerFact(Server.KubeApiServer)]
    public async Task A_policy_bounds_what_is_planned_and_status_says_from_where_and_nothing_is_written_to_the_spec()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "ranker", """ "scaling": {"minReplicas": 6, "maxReplicas": 9} """));
        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 6);

        var policy = await PolicyAsync(ns, """ "ceilings": {"replicas": 4} """);

        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 4);
        var limited = await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["policies"] is JsonArray { Count: 2 });
        Assert.Equal(policy, (string?)limited.Value["status"]!["policies"]![0]!["policy"]);
        Assert.Equal(9, (int)limited.Value["spec"]!["scaling"]!["maxReplicas"]!);
        await cluster.Admin.UntilAsync(Policies, "", policy, static p => (string?)Condition(p, "Ready")?["status"] == "True");

        await cluster.Admin.DeleteAsync(PolicyStatus.Policies, new("", policy), new(), CancellationToken.None);
        await cluster.Admin.UntilAsync(Deployments, ns, "ranker", static d => (int)d["spec"]!["replicas"]! == 6);
        await cluster.Admin.UntilAsync(Agents, ns, "ranker", static a => a["status"]?["policies"] is null or JsonArray { Count: 0 });
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task What_a_policy_refuses_is_not_started_and_what_runs_already_stays()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "old"));
        var before = await cluster.Admin.UntilAsync(Deployments, ns, "old", static _ => true);

        var policy = await PolicyAsync(ns, """ "allowed": {"modelSources": ["pvc://approved/"]} """);
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "new"));

        foreach (var name in new[] { "old", "new" })
        {
            var refused = await cluster.Admin.UntilConditionAsync(ns, name, "Stalled", "True", "InvalidSpec");
            Assert.Contains(policy, (string?)Condition(refused.Value, "Stalled")!["message"], StringComparison.Ordinal);
        }

        Assert.Null(await cluster.Admin.GetAsync(Deployments, new(ns, "new"), CancellationToken.None));
        Assert.Equal(before.Uid, (await cluster.Admin.GetAsync(Deployments, new(ns, "old"), CancellationToken.None))?.Uid);

        await cluster.Admin.DeleteAsync(PolicyStatus.Policies, new("", policy), new(), CancellationToken.None);
        await cluster.Admin.UntilAsync(Deployments, ns, "new", static _ => true);
        await cluster.Admin.UntilAsync(Agents, ns, "old", static a => (string?)Condition(a, "Stalled")?["status"] == "False");
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task A_policy_that_is_faulty_is_not_in_force_and_says_why()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        var policy = await PolicyAsync(ns, """ "priority": {"atLeast": 5, "atMost": 1} """);

        var told = await cluster.Admin.UntilAsync(Policies, "", policy, static p => (string?)Condition(p, "Ready")?["status"] == "False");
        Assert.Equal("spec.priority.atLeast: must not be above atMost", (string?)Condition(told.Value, "Ready")!["message"]);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task The_check_tells_beforehand_what_would_become_of_the_agents_of_a_cluster()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "ranker"));
        using var folder = new TemporaryFolder();
        var file = folder.Write("policy.yaml", Manifest("planned", ns, """ "ceilings": {"replicas": 4} """).ToJsonString());

        var (code, output, errors) = await CommandUnderTest.RunAsync(PolicyCommand.Create(), "check", file, "--cluster", "--kubeconfig", cluster.Server.AdminKubeconfig);

        Assert.True(code == 0, errors);
        Assert.Matches($@"{ns}/ranker +spec\.scaling\.maxReplicas +10 +4  planned", output);
        Assert.Null(await cluster.Admin.GetAsync(Policies, new("", "planned"), CancellationToken.None));
    }

    /// <summary>A policy for the agents of one namespace alone.</summary>
    private async Task<string> PolicyAsync(string ns, string spec)
    {
        var name = cluster.NewName("policy");
        await cluster.Admin.CreateAsync(Policies, Manifest(name, ns, spec), CancellationToken.None);
        return name;
    }

    private static JsonObject Manifest(string name, string ns, string spec) => Written.Json($$"""
        {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferencePolicy", "metadata": {"name": "{{name}}"},
         "spec": {"namespaces": {"matchLabels": {"test": "{{ns}}"} }, {{spec}} } }
        """);
}
