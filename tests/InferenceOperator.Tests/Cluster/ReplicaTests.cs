using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Metrics;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>The operator with real replicas: processes of inference-runtime stand behind pods that the test plays the kubelet for.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class ReplicaTests(AgentClusterFixture cluster)
{
    private const string Spec = """ "slo": {"latency": {"target": "50ms"}}, "scaling": {"minReplicas": 1, "maxReplicas": 4}, "batching": {"maxSize": 48} """;

    [ServerFact(Server.KubeApiServer)]
    public async Task Settings_arrive_on_the_admin_port_and_status_says_what_serves()
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "digits", Spec));
        var token = await TokenAsync(ns);
        await using var replica = await RuntimeProcess.StartAsync($"{ns}/digits", "digits-1", token);

        await AddPodAsync(ns, replica);

        var ready = await cluster.Admin.UntilConditionAsync(ns, "digits", "Ready", "True", "Serving");
        await cluster.Admin.UntilAsync(Agents, ns, "digits", static a => (string?)a["status"]?["serving"]?["sha256"] == "75d5124e1491db44907fa673bb77db9a749a22e3c7228b6c84303d710cac4a00");
        Assert.Equal(1, (int)ready.Value["status"]!["readyReplicas"]!);
        var on = await cluster.Admin.UntilAsync(Agents, ns, "digits", static a => a["status"]?["accelerator"] is not null);
        Assert.Equal("""{"onAccelerator":"0","provider":"CPU"}""", on.Value["status"]!["accelerator"]!.ToJsonString());
        await cluster.Admin.PatchAsync(Agents, ns, "digits", """{"spec": {"slo": {"latency": {"target": "77ms"}}}}""");
        using var http = new HttpClient();
        using var patience = Patience.Start();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var settings = new Uri($"http://127.0.0.1:{replica.Admin}/v1/settings");
        while ((double?)JsonNode.Parse(await http.GetStringAsync(settings, patience.Token))!["slo"]?["targetMs"] != 77)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }

        var idle = await cluster.Admin.UntilAsync(Agents, ns, "digits", static a => (string?)Condition(a, "MetricsAvailable")?["status"] == "True");
        Assert.Equal("Idle", (string?)Condition(idle.Value, "MetricsAvailable")!["reason"]);
    }

    [ServerFact(Server.KubeApiServer, Server.Prometheus)]
    public async Task Prometheus_feeds_the_loop_and_when_it_dies_the_replicas_do()
    {
        var ns = await cluster.NewNamespaceAsync();
        using var patience = Patience.Start();
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "digits", Spec));
        await using var replica = await RuntimeProcess.StartAsync($"{ns}/digits", "digits-1", Token);
        await MakeSecretAsync(ns);
        await using var prometheus = await PrometheusServer.StartAsync(PrometheusServer.Scraping("agents", $"127.0.0.1:{replica.Metrics}"), patience.Token);
        var options = new PrometheusOptions { Url = prometheus.Address, Interval = TimeSpan.FromSeconds(1) };
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns, time: null, options);
        await AddPodAsync(ns, replica);

        await UntilDecisionAsync(running, ns, static d => Measurement(d) == ("Prometheus", "idle"));
        await prometheus.StopAsync();
        await UntilDecisionAsync(running, ns, static d => Measurement(d) == ("Scrape", "idle"));
        await prometheus.RestartAsync(patience.Token);

        var ready = await cluster.Admin.UntilConditionAsync(ns, "digits", "Ready", "True", "Serving");
        Assert.Equal(1, (int)ready.Value["status"]!["replicas"]!);
    }

    [ServerFact(Server.KubeApiServer)]
    public async Task Load_that_one_replica_cannot_carry_raises_the_deployments_replicas()
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.Admin.CreateAgentAsync(Written.Agent(ns, "digits", """ "slo": {"latency": {"target": "1ms"}}, "scaling": {"minReplicas": 1, "maxReplicas": 4}, "batching": {"maxSize": 1} """));
        await MakeSecretAsync(ns);
        await using var replica = await RuntimeProcess.StartAsync($"{ns}/digits", "digits-1", Token);
        await using var running = await OperatorUnderTest.StartAsync(cluster.Server.AdminKubeconfig, ns);
        await AddPodAsync(ns, replica);
        await cluster.Admin.UntilConditionAsync(ns, "digits", "Ready", "True", "Serving");
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 32).Select(_ => LoadAsync(replica.Http, stop.Token)));

        var grown = await cluster.Admin.UntilAsync(Deployments, ns, "digits", static d => (int)d["spec"]!["replicas"]! > 1);

        await stop.CancelAsync();
        Assert.True(await load is [> 0, ..]);
        Assert.InRange((int)grown.Value["spec"]!["replicas"]!, 2, 4);
        await cluster.Admin.UntilAsync(Agents, ns, "digits", static a => a["status"]?["decisions"]?.AsArray().Any(static d => (string?)d!["rule"] == "ScaleUp") == true);
    }

    private const string Token = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private static async Task<int> LoadAsync(int port, CancellationToken stop)
    {
        using var http = new HttpClient();
        var row = string.Join(',', Enumerable.Repeat("0.5", 64));
        var metadata = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/v2/models/digits"), CancellationToken.None))!;
        var input = metadata["inputs"]![0]!;
        var shape = string.Join(',', input["shape"]!.AsArray().Select(static (d, i) => i == 0 ? "1" : d!.ToString()));
        var body = $$"""{"inputs":[{"name":"{{input["name"]}}","shape":[{{shape}}],"datatype":"FP32","data":[{{row}}]}]}""";
        var answered = 0;
        while (!stop.IsCancellationRequested)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var reply = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/v2/models/digits/infer"), content, CancellationToken.None);
            answered += reply.IsSuccessStatusCode ? 1 : 0;
        }

        return answered;
    }

    private async Task AddPodAsync(string ns, RuntimeProcess replica)
    {
        await cluster.Admin.CreateAsync(Pods, Written.Pod(ns, "digits-1", "digits", replica.Http, replica.Metrics, replica.Admin), CancellationToken.None);
        await cluster.Admin.PatchStatusAsync(Pods, new(ns, "digits-1"), Written.ReadyStatus(TimeProvider.System.GetUtcNow()), "kubelet", CancellationToken.None);
    }

    private async Task<string> TokenAsync(string ns)
    {
        var secret = await cluster.Admin.UntilAsync(Secrets, ns, "digits-admin", static _ => true);
        return Encoding.UTF8.GetString(Convert.FromBase64String((string)secret.Value["data"]!["token"]!));
    }

    /// <summary>The Secret that an earlier operator made.</summary>
    private async Task MakeSecretAsync(string ns)
    {
        var agent = await cluster.Admin.GetAsync(Agents, new(ns, "digits"), CancellationToken.None);
        var read = Written.Read(agent!.Value); // It was created a moment ago.
        read = read with { Metadata = read.Metadata with { Uid = agent.Uid } };
        await cluster.Admin.CreateAsync(Secrets, InferenceOperator.Cluster.Children.SecretManifest.Render(read, Token), CancellationToken.None);
    }

    private static Task UntilDecisionAsync(OperatorUnderTest running, string ns, Func<JsonNode, bool> condition) => UntilAsync(
        () => running.Operator.Decisions($"{ns}/digits") is { } lines
            && Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } records
            && condition(JsonNode.Parse(records[^1])!),
        $"no such decision; the last were {Encoding.UTF8.GetString(running.Operator.Decisions($"{ns}/digits") ?? [])}");

    private static (string? Source, string? Kind) Measurement(JsonNode decision)
    {
        var measurement = decision["basis"]!["measurement"]!;
        return ((string?)measurement["source"], (string?)measurement["kind"]);
    }
}
