using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>What people type.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class KubectlTests(AgentClusterFixture cluster)
{
    [KubectlFact]
    public async Task Apply_get_describe_explain_scale_and_delete_work()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);

        var applied = await RunAsync("apply", "-n", ns, "-f", Repository.File("config", "samples", "cluster", "digits.yaml"));
        Assert.True(applied.Code == 0, applied.Text);
        await cluster.Admin.UntilAsync(Agents, ns, "digits", static a => a["status"]?["observedGeneration"] is not null);

        foreach (var name in new[] { "ia", "inferenceagents", "inferenceagent", "all" })
        {
            var listed = await RunAsync("get", name, "-n", ns);
            Assert.Contains("digits", listed.Text, StringComparison.Ordinal);
        }

        var table = await RunAsync("get", "ia", "-n", ns);
        Assert.Equal(["NAME", "READY", "SLO", "P99", "TARGET", "REPLICAS", "AVAILABLE", "ON", "VARIANT", "COST", "ROLLOUT", "AGE"], table.Text.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var described = await RunAsync("describe", "ia", "digits", "-n", ns);
        Assert.Contains("Conditions:", described.Text, StringComparison.Ordinal);
        Assert.Contains("NoReadyReplica", described.Text, StringComparison.Ordinal);
        Assert.Contains("measured at the server", await ExplainAsync(), StringComparison.Ordinal);
        Assert.Contains("Default: 60s.", (await RunAsync("explain", "ia.spec.scaling.scaleDown")).Text, StringComparison.Ordinal);

        var scaled = await RunAsync("scale", "ia/digits", "-n", ns, "--replicas=3");
        Assert.True(scaled.Code == 0, scaled.Text);
        await cluster.Admin.UntilAsync(Deployments, ns, "digits", static d => (int)d["spec"]!["replicas"]! == 3);
        await cluster.Admin.UntilAsync(Agents, ns, "digits", static a => (int?)a["status"]?["replicas"] == 3);

        var deleted = await RunAsync("delete", "ia", "digits", "-n", ns);
        Assert.True(deleted.Code == 0, deleted.Text);
    }

    [KubectlFact]
    public async Task What_was_applied_shows_no_difference_and_a_dry_run_changes_nothing()
    {
        var ns = await cluster.NewNamespaceAsync();
        await ExplainAsync();
        var file = Repository.File("config", "samples", "cluster", "burst.yaml");
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        var dry = await RunAsync("apply", "--server-side", "--dry-run=server", "-n", ns, "-f", file);
        Assert.True(dry.Code == 0, dry.Text);
        Assert.Empty((await cluster.Admin.ListAsync(Agents, Kubernetes.ResourceScope.In(ns), CancellationToken.None)).Items);

        var applied = await RunAsync("apply", "--server-side", "-n", ns, "-f", file);
        Assert.True(applied.Code == 0, applied.Text);
        var name = Assert.Single((await cluster.Admin.ListAsync(Agents, Kubernetes.ResourceScope.In(ns), CancellationToken.None)).Items).Key.Name;
        await cluster.Admin.UntilAsync(Agents, ns, name, static a => a["status"]?["observedGeneration"] is not null);

        // kubectl diff ends with 0 where there is no difference, and with 1 where there is one.
        foreach (var options in new[] { new[] { "--server-side" }, [] })
        {
            var diff = await RunAsync(["diff", .. options, "-n", ns, "-f", file]);
            Assert.True(diff.Code == 0, diff.Text);
        }

        var again = await cluster.Admin.GetAsync(Agents, new(ns, name), CancellationToken.None);
        Assert.Equal(1, (int)again!.Value["metadata"]!["generation"]!);
    }

    [KubectlFact]
    public async Task A_manifest_with_an_unknown_field_a_wrong_choice_or_bound_is_refused_and_the_field_named()
    {
        var ns = await cluster.NewNamespaceAsync();
        await ExplainAsync();
        foreach (var (spec, field) in new[]
        {
            ("""slo: {latency: {target: 50ms, percentil: "99"}}""", "percentil"),
            ("scaling: {mode: Sometimes}", "spec.scaling.mode"),
            ("batching: {maxSize: 0}", "spec.batching.maxSize"),
            ("""slo: {latency: {target: "50"}}""", "spec.slo.latency.target"),
        })
        {
            var refused = await RunAsync(
                $"---\n{{apiVersion: inferenceoperator.io/v1alpha1, kind: InferenceAgent, metadata: {{name: bad, namespace: {ns}}}, spec: {{model: {{uri: 'pvc://m/a.onnx'}}, {spec}}}}}",
                "apply",
                "-f",
                "-");

            Assert.True(refused.Code != 0 && refused.Text.Contains(field, StringComparison.Ordinal), $"{spec}: {refused.Text}");
        }
    }

    /// <summary>The server publishes the schema, which kubectl also checks manifests with, a while after the definition.</summary>
    private async Task<string> ExplainAsync()
    {
        using var patience = Patience.Start();
        while (true)
        {
            var explained = await RunAsync("explain", "inferenceagents.spec.slo.latency.target");
            if (explained.Code == 0)
            {
                return explained.Text;
            }

            Assert.False(patience.IsCancellationRequested, explained.Text);
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, CancellationToken.None);
        }
    }

    private Task<(int Code, string Text)> RunAsync(params string[] arguments) => arguments is [var first, .. var rest] && first.StartsWith('-')
        ? Kubectl.RunAsync(cluster.Server.AdminKubeconfig, first, rest)
        : Kubectl.RunAsync(cluster.Server.AdminKubeconfig, null, arguments);
}
