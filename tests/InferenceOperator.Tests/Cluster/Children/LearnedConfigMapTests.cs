using InferenceOperator.Cluster;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Tests.Cluster.Children;

public sealed class LearnedConfigMapTests
{
    private static readonly InferenceAgent Agent = new()
    {
        Metadata = new AgentMetadata { Name = "ranker", Namespace = "ads", Uid = "u-1" },
        Spec = new AgentSpec { Model = new ModelSpec { Uri = "pvc://models/ranker.onnx" } },
    };

    [Fact]
    public void It_goes_with_its_agent_and_no_watch_of_children_sees_it()
    {
        var manifest = LearnedConfigMaps.Render(Agent, "{}"u8.ToArray());

        Assert.Equal(("ranker-learned", "ads"), (manifest["metadata"]!["name"]!.ToString(), manifest["metadata"]!["namespace"]!.ToString()));
        Assert.Equal("u-1", manifest["metadata"]!["ownerReferences"]![0]!["uid"]!.ToString());
        Assert.Null(manifest["metadata"]!["labels"]!["app.kubernetes.io/managed-by"]);
        Assert.Equal("{}", manifest["data"]!["learned.json"]!.ToString());
    }
}
