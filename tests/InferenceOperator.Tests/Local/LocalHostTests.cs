using System.Net;
using System.Text;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Local;
using InferenceOperator.Local.Replicas;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Tests.Local;

/// <summary>The local mode with real replicas of the real runtime as child processes.</summary>
public sealed class LocalHostTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("local-host-").FullName;
    private readonly List<string> _lines = [];
    private readonly HttpClient _client = new() { Timeout = Patience };
    private LocalHost? _host;

    private string Manifest => Path.Combine(_folder, "digits.yaml");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Killing_a_replica_under_load_loses_no_request()
    {
        Write(replicas: 2);
        await StartAsync();
        await UntilReadyAsync(2);
        await using var load = new SteadyLoad(_client, _host!.Address);
        await load.UntilAnsweredAsync(50);

        Signals.Kill(ReadyPids().First());
        await load.UntilAnsweredAsync(200);
        await UntilReadyAsync(2);

        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task Scaling_up_and_down_and_a_new_model_under_load_lose_no_request()
    {
        Write(replicas: 1);
        await StartAsync();
        await UntilReadyAsync(1);
        await using var load = new SteadyLoad(_client, _host!.Address);
        await load.UntilAnsweredAsync(20);

        Write(replicas: 2);
        await UntilReadyAsync(2);
        Write(replicas: 1);
        await UntilReadyAsync(1);
        Write(replicas: 1, model: Copy("digits-mlp.onnx", "other.onnx"));
        await UntilAsync(() => Workload() is { } w && w.ServingSha256 is not null && w.Replicas.All(r => r.Phase is ReplicaPhase.Ready && r.Name == "digits-3"));
        await load.UntilAnsweredAsync(20);

        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task A_bad_edit_is_reported_and_the_good_version_goes_on_serving()
    {
        Write(replicas: 1);
        await StartAsync();
        await UntilReadyAsync(1);

        await File.AppendAllTextAsync(Manifest, "  nonsense: 1\n");
        await UntilAsync(() => _host!.Agents.Views.Single().Errors.Length > 0);

        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        Assert.Contains("spec.nonsense", await _client.GetStringAsync(new Uri(_host!.Address, "/agents")), StringComparison.Ordinal);
        lock (_lines)
        {
            Assert.Contains(_lines, line => line.Contains("spec.nonsense", StringComparison.Ordinal));
        }

        Write(replicas: 2);
        await UntilReadyAsync(2);
        Assert.Empty(_host.Agents.Views.Single().Errors);
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
            "missing" => (Path.Combine(_folder, "none.onnx"), null),
            "truncated" => (Truncated(), null),
            _ => (Model("digits-mlp.onnx"), new string('0', 64)),
        };
        await File.WriteAllTextAsync(Path.Combine(_folder, "bad.yaml"), Text("bad", 1, model, pin));
        await StartAsync();

        await UntilReadyAsync(1);
        await UntilAsync(() => Condition("default/bad", "ModelAccepted") is "False");

        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        using var refused = await _client.PostAsync(new Uri(_host!.Address, "/v2/models/bad/infer"), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [Fact]
    public async Task A_deleted_manifest_ends_its_agent_and_no_process_is_left()
    {
        Write(replicas: 1);
        await File.WriteAllTextAsync(Path.Combine(_folder, "other.yaml"), Text("other", 1, Model("digits-mlp.onnx"), pin: null));
        await StartAsync();
        await UntilAsync(() => Condition("default/digits", "Ready") is "True" && Condition("default/other", "Ready") is "True");

        File.Delete(Path.Combine(_folder, "other.yaml"));
        await UntilAsync(() => _host!.Agents.Views.Length == 1);
        using var gone = await _client.PostAsync(new Uri(_host!.Address, "/v2/models/other/infer"), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);

        await _host.StopAsync(CancellationToken.None);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_folder, "state", "replicas")));
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

        """;

    private void Write(int replicas, string? model = null)
    {
        File.WriteAllText(Manifest + ".next", Text("digits", replicas, model ?? Model("digits-mlp.onnx"), pin: null));
        File.Move(Manifest + ".next", Manifest, overwrite: true);
    }

    // Another file of the same content is another launch, so the replicas are rolled.
    private string Copy(string name, string copy)
    {
        var path = Path.Combine(_folder, copy);
        File.Copy(Model(name), path);
        return path;
    }

    private string Truncated()
    {
        var path = Path.Combine(_folder, "truncated.onnx");
        File.WriteAllBytes(path, File.ReadAllBytes(Model("digits-mlp.onnx"))[..1000]);
        return path;
    }

    private async Task StartAsync()
    {
        var runtime = RuntimeProgram.Find(Repository.Program("InferenceRuntime", "inference-runtime"), "", Environment.GetEnvironmentVariable, out var error);
        Assert.True(runtime is not null, error);
        var options = new LocalOptions
        {
            Path = _folder,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Runtime = runtime,
            StateFolder = Path.Combine(_folder, "state"),
            Tick = TimeSpan.FromMilliseconds(200),
            Look = TimeSpan.FromMilliseconds(50),
        };
        _host = await LocalHost.StartAsync(options, NullLogger.Instance, Say, TimeProvider.System, CancellationToken.None);
    }

    private void Say(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }

    private WorkloadObservation? Workload() => _host!.Agents.Views.Single(view => view.Key == "default/digits").Report?.Workload;

    private string? Condition(string key, string type) => _host!.Agents.Views.Single(view => view.Key == key)
        .Report?.Status.Conditions.FirstOrDefault(condition => condition.Type == type)?.Status.ToString();

    private IEnumerable<int> ReadyPids() => Directory.EnumerateFiles(Path.Combine(_folder, "state", "replicas"), "ports.json", SearchOption.AllDirectories)
        .Select(file => System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(file))!["processId"]!.GetValue<int>());

    private Task UntilReadyAsync(int replicas) =>
        UntilAsync(() => Workload() is { } workload && workload.Replicas.Length == replicas && workload.Replicas.All(replica => replica.Phase is ReplicaPhase.Ready));

    // Looked at after each control step, so nothing is polled by time.
    private async Task UntilAsync(Func<bool> holds)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(AgentReport report)
        {
            if (holds())
            {
                seen.TrySetResult();
            }
        }

        _host!.Agents.Reported += Look;
        try
        {
            await seen.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            lock (_lines)
            {
                Assert.Fail(string.Join('\n', _lines));
            }
        }
        finally
        {
            _host.Agents.Reported -= Look;
        }
    }

    private async Task<HttpStatusCode> AskAsync()
    {
        using var content = new StringContent(SteadyLoad.Body, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(new Uri(_host!.Address, "/v2/models/digits/infer"), content);
        return response.StatusCode;
    }
}
