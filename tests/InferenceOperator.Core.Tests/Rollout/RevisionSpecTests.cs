using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Tests.Rollout;

public sealed class RevisionSpecTests
{
    private const string Spec = """
        "model": {"uri": "pvc://models/ranker.onnx"},
        "variants": [{"name": "student", "model": {"uri": "pvc://models/student.onnx"}, "share": 10}],
        "gpu": {"count": 1},
        "template": {"resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}, "nodeSelector": {"zone": "a"}}
        """;

    /// <summary>Another name is a roll-out of every agent at the operator's next upgrade: this text only changes on purpose.</summary>
    [Fact]
    public void The_name_of_a_revision_is_a_promise() => Assert.Equal("d62f0f5947", Of(Spec).Name.Text);

    [Theory]
    [InlineData(""" "share": 10 """, """ "share": 20 """)]
    [InlineData(""" "cpu": "500m" """, """ "cpu": 0.5 """)]
    [InlineData(""" {"cpu": "500m", "memory": "1Gi"} """, """ {"memory": "1Gi", "cpu": "500m"} """)]
    [InlineData(""" "gpu" """, """ "slo": {"latency": {"target": "9ms"}}, "batching": {"maxSize": 7}, "serving": {"cache": {"policy": "SIEVE"}}, "gpu" """)]
    public void What_needs_no_other_pods_is_no_other_revision(string text, string changed) => Assert.Equal(Of(Spec).Name, Of(Replaced(text, changed)).Name);

    [Theory]
    [InlineData("ranker.onnx", "ranker-2.onnx")]
    [InlineData("student.onnx", "student-2.onnx")]
    [InlineData(""" "count": 1 """, """ "count": 0 """)]
    [InlineData(""" "zone": "a" """, """ "zone": "b" """)]
    public void What_needs_other_pods_is(string text, string changed) => Assert.NotEqual(Of(Spec).Name, Of(Replaced(text, changed)).Name);

    [Fact]
    public void Read_again_it_makes_the_same_pods_and_leaves_the_rest_to_the_manifest()
    {
        var old = RevisionSpec.TryParse(Of(Spec).ToText());
        var now = Read("""
            "model": {"uri": "pvc://models/new.onnx"}, "slo": {"latency": {"target": "9ms"}}
            """);

        Assert.Equal(Of(Spec).Name, old!.Name); // It was written above.
        var on = old.On(now);
        Assert.Equal(("pvc://models/ranker.onnx", 1, 1, now.Slo), (on.Model.Uri, on.Variants!.Count, on.Gpu.Count, on.Slo));
        Assert.Equal(old.Name, RevisionSpec.Of(on).Name);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void What_it_did_not_write_is_no_revision(string? text) => Assert.Null(RevisionSpec.TryParse(text));

    private static string Replaced(string text, string changed)
    {
        Assert.Contains(text.Trim(), Spec, StringComparison.Ordinal);
        return Spec.Replace(text.Trim(), changed.Trim(), StringComparison.Ordinal);
    }

    private static RevisionSpec Of(string spec) => RevisionSpec.Of(Read(spec));

    private static AgentSpec Read(string spec) => Assert.IsType<ManifestReading.Accepted>(AgentManifest.Read(JsonNode.Parse($$"""
        {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "metadata": {"name": "ranker", "namespace": "ads"}, "spec": { {{spec}} } }
        """))).Agent.Spec;
}
