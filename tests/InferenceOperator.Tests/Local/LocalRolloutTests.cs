using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Tests.Local;

/// <summary>Gated roll-outs in the local mode, with real replicas under load.</summary>
public sealed class LocalRolloutTests : IAsyncLifetime
{
    private const string Shadow = """{shadow: {percent: 100, minAgreement: "0.9"}}""";

    // Two replicas start, one after the other, on whatever the machine leaves them.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly LocalHostUnderTest _local = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _local.DisposeAsync().AsTask();

    [Fact]
    public async Task An_equal_model_is_tried_takes_over_without_a_restart_of_its_first_replica_and_loses_no_request()
    {
        Write(Repository.File("models", "digits-mlp.onnx"));
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 2, Patience);
        await using var load = new SteadyLoad(_local.Client, _local.Host.Address);
        await load.UntilAnsweredAsync(50);

        var equal = Path.Combine(_local.Folder, "equal.onnx");
        File.Copy(Repository.File("models", "digits-mlp.onnx"), equal);
        Write(equal);
        await _local.UntilAsync(() => Rollout is { Phase: RolloutPhase.Canary } && _local.Workload("digits")!.Replicas.Count(static r => r.Phase is ReplicaPhase.Ready) == 3, Patience);
        await _local.UntilAsync(() => Rollout is { Phase: RolloutPhase.Promoted }, Patience);

        await _local.UntilAsync(() => Names().SequenceEqual(["digits-3", "digits-4"]), Patience);
        Assert.Contains("no worse in", Rollout!.Reason, StringComparison.Ordinal);
        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task A_slower_model_is_sent_back_by_itself_with_the_reason_and_loses_no_request()
    {
        Write(Repository.File("models", "digits-mlp.onnx"));
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 2, Patience);
        await using var load = new SteadyLoad(_local.Client, _local.Host.Address);
        await load.UntilAnsweredAsync(50);

        var slow = Path.Combine(_local.Folder, "slow.onnx");
        SlowModel.Write(slow);
        Write(slow);
        await _local.UntilAsync(() => Rollout is { Phase: RolloutPhase.RolledBack }, Patience);

        await _local.UntilAsync(() => Names().SequenceEqual(["digits-1", "digits-2"]), Patience);
        Assert.Contains("not answered within the SLO's target", Rollout!.Reason, StringComparison.Ordinal);
        Assert.Equal(("True", true), (_local.Condition("digits", ConditionTypes.Stalled).Status, _local.Condition("digits", ConditionTypes.Stalled).Message!.Contains("until the manifest asks for another", StringComparison.Ordinal)));
        Assert.Equal("True", _local.Condition("digits", ConditionTypes.Ready).Status);
        Assert.Contains(_local.Lines, line => line.Contains("RolledBack", StringComparison.Ordinal));
        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task A_model_that_answers_otherwise_is_sent_back_by_shadowing_and_loses_no_request()
    {
        Write(Repository.File("models", "digits-mlp.onnx"), Shadow);
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 2, Patience);
        await using var load = new SteadyLoad(_local.Client, _local.Host.Address);
        await load.UntilAnsweredAsync(50);

        var other = Path.Combine(_local.Folder, "other.onnx");
        SlowModel.Write(other, products: 1);
        Write(other, Shadow);
        await _local.UntilAsync(() => Rollout is { Phase: RolloutPhase.RolledBack }, Patience);

        Assert.Contains("its answers differed from the old revision's in 100 % of ", Rollout!.Reason, StringComparison.Ordinal);
        await _local.UntilAsync(() => Names().SequenceEqual(["digits-1", "digits-2"]), Patience);
        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task A_model_that_agrees_is_promoted_by_shadowing_and_loses_no_request()
    {
        Write(Repository.File("models", "digits-mlp.onnx"), Shadow);
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 2, Patience);
        await using var load = new SteadyLoad(_local.Client, _local.Host.Address);
        await load.UntilAnsweredAsync(50);

        var equal = Path.Combine(_local.Folder, "equal.onnx");
        File.Copy(Repository.File("models", "digits-mlp.onnx"), equal);
        Write(equal, Shadow);
        await _local.UntilAsync(() => Rollout is { Phase: RolloutPhase.Promoted }, Patience);

        var agreement = Assert.Single(Rollout!.Evidence, static e => e.Measure is RolloutMeasure.Agreement);
        Assert.True(agreement.NewRequests >= 100, $"{agreement}");
        Assert.Equal(0, agreement.NewBad);
        Assert.Empty(await load.StopAsync());
    }

    [Fact]
    public async Task Where_nobody_asks_a_new_model_takes_over_when_it_is_ready_and_says_that_nothing_was_compared()
    {
        Write(Repository.File("models", "digits-mlp.onnx"));
        await _local.StartAsync();
        await _local.UntilReadyAsync("digits", 2, Patience);

        var equal = Path.Combine(_local.Folder, "equal.onnx");
        File.Copy(Repository.File("models", "digits-mlp.onnx"), equal);
        Write(equal);
        await _local.UntilAsync(() => Rollout is { Phase: RolloutPhase.Promoted }, Patience);

        Assert.Contains("nothing was compared", Rollout!.Reason, StringComparison.Ordinal);
    }

    private RolloutStatus? Rollout => _local.Host.Agents.Views.Single().Report?.Status.Rollout;

    private IEnumerable<string> Names() => _local.Workload("digits")!.Replicas.Select(static replica => replica.Name).Order(StringComparer.Ordinal);

    private void Write(string model, string rollout = "{}") => _local.Write("digits.yaml", $$"""
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata:
          name: digits
        spec:
          model:
            uri: file://{{model}}
          slo:
            latency: {percentile: "95", target: 400ms}
          scaling:
            replicas: 2
          rollout: {{rollout}}

        """);
}
