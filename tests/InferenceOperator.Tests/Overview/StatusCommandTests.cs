using System.Text.Json.Nodes;
using InferenceOperator.Commands;
using InferenceOperator.Tests.Local;

namespace InferenceOperator.Tests.Overview;

public sealed class StatusCommandTests
{
    [Fact]
    public async Task The_local_mode_is_asked_at_its_endpoint()
    {
        await using var local = new LocalHostUnderTest();
        local.Write("digits.yaml", $$"""
            apiVersion: inferenceoperator.io/v1alpha1
            kind: InferenceAgent
            metadata: {name: digits}
            spec:
              model:
                uri: file://{{Repository.File("models", "digits-mlp.onnx")}}
              slo: {latency: {target: 500ms} }
              scaling: {minReplicas: 1, maxReplicas: 1}

            """);
        await local.StartAsync();
        await local.UntilAsync(() => local.Host.Agents.Views.Single().Report?.Status is { ReadyReplicas: 1, Serving: not null });
        var endpoint = local.Host.Address.ToString();

        var (_, text, _) = await CommandUnderTest.RunAsync(StatusCommand.Create(TimeProvider.System), "digits", "--endpoint", endpoint);
        Assert.StartsWith("default/digits ", text, StringComparison.Ordinal);
        Assert.Contains("  serves    full", text, StringComparison.Ordinal);
        Assert.Contains(", 1 of 1 replica\n", text, StringComparison.Ordinal);

        var (_, json, _) = await CommandUnderTest.RunAsync(StatusCommand.Create(TimeProvider.System), "--endpoint", endpoint, "-o", "json");
        Assert.Equal("500ms", (string?)JsonNode.Parse(json)!["agents"]![0]!["slo"]!["target"]);

        var (code, _, errors) = await CommandUnderTest.RunAsync(StatusCommand.Create(TimeProvider.System), "nobody", "--endpoint", endpoint);
        Assert.Equal((1, true), (code, errors.Contains("there is no InferenceAgent nobody", StringComparison.Ordinal)));
        Assert.Equal(0, (await CommandUnderTest.RunAsync(StatusCommand.Create(TimeProvider.System), "-n", "elsewhere", "--endpoint", endpoint)).Code);
    }

    [Theory]
    [InlineData(1, "does the local mode run there", "--endpoint", "http://127.0.0.1:1")]
    [InlineData(1, "--local", "--kubeconfig", "/nonexistent/kubeconfig")]
    [InlineData(2, "--endpoint: 'nowhere'", "--endpoint", "nowhere")]
    [InlineData(2, "--interval: '0s'", "--local", "--interval", "0s")]
    [InlineData(2, "exclude each other", "-A", "-n", "ads")]
    public async Task What_cannot_be_asked_is_said(int expected, string complaint, params string[] options)
    {
        var (code, output, errors) = await CommandUnderTest.RunAsync(StatusCommand.Create(TimeProvider.System), options);

        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(complaint, errors, StringComparison.Ordinal);
    }
}
