using InferenceOperator.Commands;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>The command <c>status</c> against a real API server.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class StatusCommandTests(AgentClusterFixture cluster)
{
    [ServerFact(Server.KubeApiServer)]
    public async Task Agents_are_told_of_as_the_api_server_stores_them()
    {
        var (ns, other) = (await cluster.NewNamespaceAsync(), await cluster.NewNamespaceAsync());
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "unseen"));
        await cluster.Admin.CreateAgentAsync(Written.Agent(other, "elsewhere"));
        var (code, output, errors) = await RunAsync("-n", ns);
        Assert.Equal((4, ""), (code, errors));
        Assert.Contains("not seen by the operator yet", output, StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere", output, StringComparison.Ordinal);
        Assert.Contains("elsewhere", (await RunAsync("-A")).Output, StringComparison.Ordinal);

        await using (await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns))
        {
            await cluster.Admin.UntilConditionAsync(ns, "unseen", "Ready", "False", "NoReadyReplica");
            (code, output, errors) = await RunAsync("unseen", "-n", ns);
            Assert.Equal((3, ""), (code, errors));
            Assert.StartsWith($"{ns}/unseen answers no request: none of 1 replicas is ready yet, since ", output, StringComparison.Ordinal);
        }

        Assert.Equal((1, "", $"there is no InferenceAgent nobody in namespace {ns}\n"), await RunAsync("nobody", "-n", ns));
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Who_may_not_read_agents_is_told_so()
    {
        var kubeconfig = cluster.Server.WriteKubeconfig(cluster.NewName("powerless"));

        var (code, output, errors) = await CommandUnderTest.RunAsync(StatusCommand.Create(TimeProvider.System), "--kubeconfig", kubeconfig, "-n", "default");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("cannot list resource \"inferenceagents\"", errors, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] options) =>
        CommandUnderTest.RunAsync(StatusCommand.Create(TimeProvider.System), [.. options, "--kubeconfig", cluster.Server.AdminKubeconfig]);
}
