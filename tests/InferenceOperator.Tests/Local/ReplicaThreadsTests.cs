using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Local.Replicas;

namespace InferenceOperator.Tests.Local;

public sealed class ReplicaThreadsTests
{
    [Theory]
    [InlineData(8, 2, 4)]
    [InlineData(8, 3, 2)]
    [InlineData(2, 2, 1)]
    [InlineData(2, 10, 1)]
    public void Cores_are_shared_among_the_most_replicas(int cores, int maxReplicas, int threads) =>
        Assert.Equal(threads, ReplicaThreads.For(Spec(maxReplicas, template: null), cores));

    [Theory]
    [InlineData("500m", 1)]
    [InlineData("2500m", 3)]
    [InlineData("64", 8)]
    public void A_cpu_limit_counts_first(string cpu, int threads) =>
        Assert.Equal(threads, ReplicaThreads.For(Spec(2, "{\"resources\":{\"limits\":{\"cpu\":\"" + cpu + "\"}}}"), 8));

    private static AgentSpec Spec(int maxReplicas, string? template) => new()
    {
        Model = new ModelSpec { Uri = "file:///m.onnx" },
        Scaling = new ScalingSpec { MaxReplicas = maxReplicas },
        Template = template is null ? null : JsonNode.Parse(template)!.AsObject(),
    };
}
