using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Testing.Servers;
using InferenceOperator.Tests.Cluster.Kit;
using InferenceOperator.Tests.Cluster.Kit.Nodes;
using InferenceRuntime.Tests.Fetching;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster;

/// <summary>Models on a server, in a cluster of one node with real controllers and real replicas.</summary>
[Collection(AgentClusterCollection.Name)]
public sealed class ClusterFetchTests
{
    private const string Ns = "default";

    [ServerFact(Server.KubeControllerManager)]
    public async Task Replicas_share_what_one_of_them_fetched_and_a_refused_model_is_a_condition_while_the_old_one_serves()
    {
        using var log = new TestLog();
        using var patience = Patience.Start();
        using var claim = new TemporaryFolder();
        await using var server = await KubeApiServer.StartAsync([], patience.Token);
        using var client = AgentClusterFixture.Connect(server.AdminKubeconfig);
        await AgentClusterFixture.InstallAsync(client);
        await server.StartControllersAsync(patience.Token);
        var options = new TestNodeOptions
        {
            Claims = new Dictionary<string, string> { ["cache"] = Directory.CreateDirectory(claim.File("cache")).FullName },
            Log = line => log.Log(Microsoft.Extensions.Logging.LogLevel.Information, default, line, null, static (text, _) => text),
        };
        await using var node = await TestNode.StartAsync(client, server.NewAdminClient(), options);
        await using var running = await OperatorUnderTest.StartAsync(
            server.AdminKubeconfig, Ns, log: log, children: new() { Image = "inference-runtime:test", OperatorNamespace = "inference-operator", ModelSources = ["127.0.0.1", "::1"] });
        await using var files = await FileServer.StartAsync(new ServedFile(await File.ReadAllBytesAsync(Repository.File("models", "digits-mlp.onnx")), "\"mlp\""));
        await client.CreateAsync(Secrets, Written.Json($$"""
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "{{Ns}}", "name": "web"}, "stringData": {"ca.crt": {{JsonValue.Create(files.Authorities).ToJsonString()}} } }
            """), patience.Token);
        var agent = Written.Agent(Ns, "digits", """ "scaling": {"replicas": 1}, "store": {"claimName": "cache"}, "template": {"resources": {"limits": {"cpu": "1"}}} """, files.Url("/digits.onnx"));
        agent["spec"]!["model"]!["auth"] = new JsonObject { ["secretName"] = "web" };

        await client.CreateAgentAsync(agent);
        await client.UntilAsync(Agents, Ns, "digits", static a => (int?)a["status"]?["readyReplicas"] == 1);
        await client.PatchAsync(Agents, Ns, "digits", """{"spec": {"scaling": {"replicas": 2}}}""");
        await client.UntilAsync(Agents, Ns, "digits", static a => (int?)a["status"]?["readyReplicas"] == 2);

        Assert.Single(Directory.EnumerateDirectories(claim.File("cache/inference-models/models")));
        Assert.Equal(2, files.Requests.Count);

        var pin = new string('0', 64);
        await client.PatchAsync(Agents, Ns, "digits", $$"""{"spec": {"model": {"sha256": "{{pin}}"} } }""");
        await client.UntilAsync(Agents, Ns, "digits", a => a["status"]?["conditions"]?.AsArray()
            .Any(c => (string?)c!["type"] == ConditionTypes.ModelAccepted && (string?)c["status"] == "False" && ((string?)c["message"])!.Contains($"sha256 mismatch: expected {pin}", StringComparison.Ordinal)) is true);
        var status = await client.UntilAsync(Agents, Ns, "digits", static a => (int?)a["status"]?["readyReplicas"] >= 2);
        Assert.Contains(status.Value["status"]!["conditions"]!.AsArray(), static c => (string?)c!["type"] == ConditionTypes.Ready && (string?)c["status"] == "True");
    }
}
