using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Tests.Cluster.Kit;
using InferenceOperator.Workloads;

namespace InferenceOperator.Tests.Cluster.Children;

public sealed class StrategicMergeTests
{
    [Theory]
    [InlineData("""{"a": 1, "b": {"c": 2}}""", """{"b": {"d": 3}, "a": null}""", """{"b": {"c": 2, "d": 3}}""")]
    [InlineData("""{"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}""", """{"env": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}]}""", """{"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "3"}, {"name": "C", "value": "4"}]}""")]
    [InlineData("""{"env": [{"name": "A", "value": "1"}]}""", """{"env": [{"name": "A", "valueFrom": {"fieldRef": {}}}]}""", """{"env": [{"name": "A", "valueFrom": {"fieldRef": {}}}]}""")]
    [InlineData("""{"env": [{"name": "A"}, {"name": "B"}]}""", """{"env": [{"name": "A", "$patch": "delete"}]}""", """{"env": [{"name": "B"}]}""")]
    [InlineData("""{"env": [{"name": "A"}]}""", """{"env": [{"name": "X", "$patch": "delete"}]}""", """{"env": [{"name": "A"}]}""")]
    [InlineData("""{"env": [{"name": "A"}]}""", """{"env": [{"$patch": "replace"}, {"name": "Z"}]}""", """{"env": [{"name": "Z"}]}""")]
    [InlineData("""{"volumeMounts": [{"mountPath": "/tmp", "name": "tmp"}]}""", """{"volumeMounts": [{"mountPath": "/tmp", "name": "big"}, {"mountPath": "/b", "name": "tmp"}]}""", """{"volumeMounts": [{"mountPath": "/tmp", "name": "big"}, {"mountPath": "/b", "name": "tmp"}]}""")]
    [InlineData("""{"ports": [{"containerPort": 8000, "name": "http"}]}""", """{"ports": [{"containerPort": 8000, "hostPort": 80}]}""", """{"ports": [{"containerPort": 8000, "name": "http", "hostPort": 80}]}""")]
    [InlineData("""{"volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory"}}]}""", """{"volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}]}""", """{"volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}]}""")]
    [InlineData("""{"volumes": [{"name": "tmp", "emptyDir": {}}]}""", """{"volumes": [{"name": "tmp", "ephemeral": {"x": 1}}]}""", """{"volumes": [{"name": "tmp", "ephemeral": {"x": 1}}]}""")]
    [InlineData("""{"tolerations": [{"key": "a"}]}""", """{"tolerations": [{"key": "b"}]}""", """{"tolerations": [{"key": "b"}]}""")]
    [InlineData("""{"securityContext": {"runAsNonRoot": true}}""", """{"securityContext": {"$patch": "replace", "runAsUser": 7}}""", """{"securityContext": {"runAsUser": 7}}""")]
    [InlineData("""{"securityContext": {"runAsNonRoot": true}}""", """{"securityContext": {"$patch": "delete"}}""", """{"securityContext": {}}""")]
    [InlineData("""{"containers": [{"name": "a", "env": [{"name": "E", "value": "1"}]}]}""", """{"containers": [{"name": "a", "env": [{"name": "F", "value": "2"}]}, {"name": "b"}]}""", """{"containers": [{"name": "a", "env": [{"name": "E", "value": "1"}, {"name": "F", "value": "2"}]}, {"name": "b"}]}""")]
    [InlineData("{}", """{"nodeSelector": {"$patch": "replace", "a": "1", "b": null}}""", """{"nodeSelector": {"a": "1"}}""")]
    public void Pieces_of_pods_merge_as_kubernetes_merges_them(string target, string patch, string expected)
    {
        var (before, change) = (Written.Json(target), Written.Json(patch));

        var merged = StrategicMerge.Objects(before, change);

        Assert.True(JsonNode.DeepEquals(Written.Json(expected), merged), merged.ToJsonString());
        Assert.True(JsonNode.DeepEquals(Written.Json(target), before) && JsonNode.DeepEquals(Written.Json(patch), change), "an argument was changed");
    }

    [Fact]
    public void A_template_reaches_into_the_runtime_s_container_and_adds_others()
    {
        var pod = Pod("""{"env": [{"name": "A", "value": "1"}], "containers": [{"name": "runtime", "env": [{"name": "B", "value": "2"}], "lifecycle": {"x": 1}}, {"name": "proxy", "image": "p"}]}""");

        Assert.Equal(["runtime", "proxy"], pod["containers"]!.AsArray().Select(static c => (string?)c!["name"]));
        Assert.Equal(["POD_NAME", "A", "B"], pod["containers"]![0]!["env"]!.AsArray().Select(static e => (string?)e!["name"]));
        Assert.NotNull(pod["containers"]![0]!["lifecycle"]);
    }

    [Fact]
    public void A_template_without_the_runtime_s_container_is_refused() =>
        Assert.Contains("'runtime'", Assert.Throws<WorkloadException>(() => Pod("""{"containers": [{"name": "runtime", "$patch": "delete"}]}""")).Message, StringComparison.Ordinal);

    private static JsonNode Pod(string template) =>
        PodManifest.Render(Written.Read(Written.Agent("ads", "ranker", $""" "template": {template} """)), PodRendering.Newest, "i", "d")["spec"]!;
}
