using System.Net;
using System.Text;
using InferenceOperator.Core.Observation;
using InferenceOperator.Local.Replicas;

namespace InferenceOperator.Tests.Local;

/// <summary>The local mode with real replicas of the real runtime as child processes.</summary>
public sealed class LocalHostTests : IAsyncLifetime
{
    private readonly LocalHostUnderTest _local = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _local.DisposeAsync().AsTask();

    [Fact]
    public async Task Killing_a_replica_under_load_loses_no_request()
    {
        Write(replicas: 2);
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 2);
        await using var load = new SteadyLoad(_local.Client, _local.Host.Address);
        await load.UntilAnsweredAsync(50);

        Signals.Kill(ReadyPids().First());
        await load.UntilAnsweredAsync(200);
        await _local.UntilReadyAsync("digits", 2);

        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task Scaling_up_and_down_and_a_new_model_under_load_lose_no_request()
    {
        Write(replicas: 1);
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 1);
        await using var load = new SteadyLoad(_local.Client, _local.Host.Address);
        await load.UntilAnsweredAsync(20);

        Write(replicas: 2);
        await _local.UntilReadyAsync("digits", 2);
        Write(replicas: 1);
        await _local.UntilReadyAsync("digits", 1);
        Write(replicas: 1, model: Copy("digits-mlp.onnx", "other.onnx"));
        await _local.UntilAsync(() => _local.Workload("digits") is { } w && w.ServingSha256 is not null && w.Replicas.All(r => r.Phase is ReplicaPhase.Ready && r.Name == "digits-3"));
        await load.UntilAnsweredAsync(20);

        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task A_bad_edit_is_reported_and_the_good_version_goes_on_serving()
    {
        Write(replicas: 1);
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 1);

        await File.AppendAllTextAsync(Path.Combine(_local.Folder, "digits.yaml"), "  nonsense: 1\n");
        await _local.UntilAsync(() => _local.Host.Agents.Views.Single().Errors.Length > 0);

        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        Assert.Contains("spec.nonsense", await _local.Client.GetStringAsync(new Uri(_local.Host.Address, "/agents")), StringComparison.Ordinal);
        Assert.Contains(_local.Lines, line => line.Contains("spec.nonsense", StringComparison.Ordinal));

        Write(replicas: 2);
        await _local.UntilReadyAsync("digits", 2);
        Assert.Empty(_local.Host.Agents.Views.Single().Errors);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("truncated")]
    [InlineData("hash")]
    public async Task A_model_that_cannot_be_served_is_a_condition_and_touches_no_other_agent(string fault)
    {
        Write(replicas: 1);
        var (model, pin) = fault switch
        {
            "missing" => (Path.Combine(_local.Folder, "none.onnx"), null),
            "truncated" => (Truncated(), null),
            _ => (Model("digits-mlp.onnx"), new string('0', 64)),
        };
        await File.WriteAllTextAsync(Path.Combine(_local.Folder, "bad.yaml"), Text("bad", 1, model, pin));
        await _local.StartAsync();

        await _local.UntilReadyAsync("digits", 1);
        await _local.UntilAsync(() => _local.Condition("bad", "ModelAccepted").Status is "False");

        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        using var refused = await _local.Client.PostAsync(new Uri(_local.Host.Address, "/v2/models/bad/infer"), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [Fact]
    public async Task A_deleted_manifest_ends_its_agent_and_no_process_is_left()
    {
        Write(replicas: 1);
        await File.WriteAllTextAsync(Path.Combine(_local.Folder, "other.yaml"), Text("other", 1, Model("digits-mlp.onnx"), pin: null));
        await _local.StartAsync();
        await _local.UntilAsync(() => _local.Condition("digits", "Ready").Status is "True" && _local.Condition("other", "Ready").Status is "True");

        File.Delete(Path.Combine(_local.Folder, "other.yaml"));
        await _local.UntilAsync(() => _local.Host.Agents.Views.Length == 1);
        using var gone = await _local.Client.PostAsync(new Uri(_local.Host.Address, "/v2/models/other/infer"), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);

        await _local.Host.StopAsync(CancellationToken.None);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_local.Folder, "state", "replicas")));
    }

    [Fact]
    public async Task An_agent_that_may_sleep_does_when_it_is_idle_and_requests_that_come_together_wake_it_once_and_are_answered()
    {
        _local.Write("digits.yaml", Text("digits", 1, Model("digits-mlp.onnx"), pin: null).Replace("replicas: 1", "{minReplicas: 0, scaleDown: {window: 1s}}", StringComparison.Ordinal));
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 1);
        await _local.UntilAsync(() => _local.Workload("digits") is { WantedReplicas: 0, Replicas.IsEmpty: true });
        using (var ready = await _local.Client.GetAsync(new Uri(_local.Host.Address, "/v2/models/digits/ready")))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }

        Assert.Equal("True", _local.Condition("digits", "Ready").Status);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AskAsync()));

        Assert.All(answers, static status => Assert.Equal(HttpStatusCode.OK, status));
        var decisions = _local.Host.Agents.Views.Single().Report!.Status.Decisions; // Decided before.
        var wake = Assert.Single(decisions, static decision => decision.Rule == "Wake");
        Assert.Contains("at the endpoint", wake.Reason, StringComparison.Ordinal);
        Assert.Equal(1, wake.Replicas);
    }

    [Fact]
    public async Task A_sleeping_agent_whose_model_is_gone_refuses_with_the_reason_instead_of_holding()
    {
        var model = Copy("digits-mlp.onnx", "mine.onnx");
        _local.Write("digits.yaml", Text("digits", 1, model, pin: null).Replace("replicas: 1", "{minReplicas: 0, scaleDown: {window: 1s}}", StringComparison.Ordinal));
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 1);
        await _local.UntilAsync(() => _local.Workload("digits") is { WantedReplicas: 0, Replicas.IsEmpty: true });

        File.Delete(model);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await AskAsync());
    }

    private static string Model(string name) => Repository.File("models", name);

    private static string Text(string name, int replicas, string model, string? pin) => $"""
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata:
          name: {name}
        spec:
          model:
            uri: file://{model}
            {(pin is null ? "" : $"sha256: \"{pin}\"")}
          scaling:
            replicas: {replicas}
          rollout:
            strategy: Immediate

        """;

    private void Write(int replicas, string? model = null) =>
        _local.Write("digits.yaml", Text("digits", replicas, model ?? Model("digits-mlp.onnx"), pin: null));

    // Another file of the same content is another launch, so the replicas are rolled.
    private string Copy(string name, string copy)
    {
        var path = Path.Combine(_local.Folder, copy);
        File.Copy(Model(name), path);
        return path;
    }

    private string Truncated()
    {
        var path = Path.Combine(_local.Folder, "truncated.onnx");
        File.WriteAllBytes(path, File.ReadAllBytes(Model("digits-mlp.onnx"))[..1000]);
        return path;
    }

    private IEnumerable<int> ReadyPids() => Directory.EnumerateFiles(Path.Combine(_local.Folder, "state", "replicas"), "ports.json", SearchOption.AllDirectories)
        .Select(file => System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(file))!["processId"]!.GetValue<int>());

    private async Task<HttpStatusCode> AskAsync()
    {
        using var content = new StringContent(SteadyLoad.Body, Encoding.UTF8, "application/json");
        using var response = await _local.Client.PostAsync(new Uri(_local.Host.Address, "/v2/models/digits/infer"), content);
        return response.StatusCode;
    }
}
