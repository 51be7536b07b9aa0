using InferenceOperator.Local.Replicas;

namespace InferenceOperator.Tests.Local.Grpc;

/// <summary>gRPC clients in front of the local mode with real replicas of the real runtime.</summary>
public sealed class GrpcLocalTests : IAsyncLifetime
{
    private readonly LocalHostUnderTest _local = new();
    private GrpcAsker? _asker;

    private GrpcAsker Asker => _asker ??= new GrpcAsker(_local.Host.GrpcAddress);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _asker?.Dispose();
        await _local.DisposeAsync();
    }

    [Fact]
    public async Task Scaling_up_and_down_and_killing_a_replica_under_load_lose_no_call()
    {
        Write("{replicas: 1}");
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 1);
        await using var load = new SteadyLoad(Asker.AskAsync);
        await load.UntilAnsweredAsync(20);

        Write("{replicas: 2}");
        await _local.UntilReadyAsync("digits", 2);
        await load.UntilAnsweredAsync(50);
        Signals.Kill(_local.Endpoints("digits-1").ProcessId);
        await load.UntilAnsweredAsync(200);
        await _local.UntilReadyAsync("digits", 2);
        Write("{replicas: 1}");
        await _local.UntilReadyAsync("digits", 1);
        await load.UntilAnsweredAsync(50);

        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task An_agent_that_sleeps_is_woken_by_calls_that_are_held_and_answered()
    {
        Write("{minReplicas: 0, scaleDown: {window: 1s}}");
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 1);
        await _local.UntilAsync(() => _local.Workload("digits") is { WantedReplicas: 0, Replicas.IsEmpty: true });

        var lost = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Asker.AskAsync()));

        Assert.All(lost, static said => Assert.Null(said));
        Assert.Single(_local.Host.Agents.Views.Single().Report!.Status.Decisions, static decision => decision.Rule == "Wake"); // Decided before.
        await _local.UntilReadyAsync("digits", 1); // It answers a moment before that is seen.
    }

    [GrpcJsTheory]
    [InlineData("unary")]
    [InlineData("stream")]
    [InlineData("gzip")]
    [InlineData("refused")]
    [InlineData("health")]
    public async Task A_client_that_nobody_here_wrote_is_served(string scenario)
    {
        Write("{replicas: 1}");
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 1);

        await GrpcJsTheoryAttribute.RunAsync(_local.Host.GrpcAddress, scenario);
    }

    private void Write(string scaling) => _local.Write("digits.yaml", $"""
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata:
          name: digits
        spec:
          model:
            uri: file://{Repository.File("models", "digits-mlp.onnx")}
          scaling: {scaling}

        """);
}
