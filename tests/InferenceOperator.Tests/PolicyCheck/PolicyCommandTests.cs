using InferenceOperator.Commands;
using InferenceOperator.Testing.Servers;

namespace InferenceOperator.Tests.PolicyCheck;

public sealed class PolicyCommandTests : IDisposable
{
    private const string Policies = """
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferencePolicy
        metadata: {name: production}
        spec:
          namespaces: {matchLabels: {stage: production}}
          ceilings: {gpus: 8}
          allowed: {modelSources: ["pvc://"]}
        ---
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferencePolicy
        metadata: {name: everywhere}
        spec:
          defaults: {slo: {latency: {target: 100ms}}}
        """;

    private const string Agents = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: ads, labels: {stage: production}}
        ---
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata: {name: ranker, namespace: ads}
        spec: {model: {uri: pvc://models/ranker.onnx}, gpu: {count: 1}, scaling: {maxReplicas: 20}}
        ---
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata: {name: trial, namespace: lab}
        spec: {model: {uri: "file:///tmp/trial.onnx"}, slo: {latency: {target: 1s}}}
        """;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task It_tells_what_would_count_otherwise_and_where_that_comes_from()
    {
        var (code, output, errors) = await CheckAsync(Agents);

        Assert.Equal("", errors);
        Assert.Equal(
            """
            AGENT       FIELD                     DECLARED                 EFFECTIVE  POLICY
            ads/ranker  spec.slo                         -  p99 <= 100ms, priority 0  everywhere
            ads/ranker  spec.scaling.maxReplicas        20                         8  production
            2 agents: 0 refused, 1 limited, 1 as declared

            """,
            output);
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task With_strict_a_limited_agent_fails_the_check() => Assert.Equal(1, (await CheckAsync(Agents, "--strict")).Code);

    [Fact]
    public async Task A_refused_agent_fails_the_check_and_the_reason_names_the_policy()
    {
        var (code, output, _) = await CheckAsync(Agents.Replace("namespace: lab", "namespace: ads", StringComparison.Ordinal));

        Assert.Equal(1, code);
        Assert.Contains("refused: ads/trial: spec.model.uri: 'file:///tmp/trial.onnx' is not from a source that policy production allows: pvc://", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_faulty_manifest_is_named_by_file_line_and_field_and_fails_the_check()
    {
        var (code, _, errors) = await CheckAsync(Agents.Replace("maxReplicas: 20", "maxReplicas: many", StringComparison.Ordinal));

        Assert.Equal(1, code);
        Assert.Matches(@"agents\.yaml\(8\): spec\.scaling\.maxReplicas: ", errors);
    }

    [Fact]
    public async Task Without_agents_to_check_it_says_what_is_missing()
    {
        var (code, _, errors) = await CommandUnderTest.RunAsync(PolicyCommand.Create(), "check", _folder.Write("policies.yaml", Policies));

        Assert.Equal(2, code);
        Assert.Equal("either --agents or --cluster says which agents are checked", errors.Trim());
    }

    public void Dispose() => _folder.Dispose();

    private Task<(int Code, string Output, string Errors)> CheckAsync(string agents, params string[] options) => CommandUnderTest.RunAsync(
        PolicyCommand.Create(), ["check", _folder.Write("policies.yaml", Policies), "--agents", _folder.Write("agents.yaml", agents), .. options]);
}
