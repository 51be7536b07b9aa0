using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;

namespace InferenceOperator.Tests.Cluster.Observation;

public sealed class KeptObjectTests
{
    private const string Text = """
        {
          "metadata": {
            "name": "ranker", "uid": "u1", "generation": 3, "labels": {"inferenceoperator.io/agent": "ranker"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "team": "größe <1>"},
            "managedFields": [{"manager": "kubectl"}],
            "ownerReferences": [{"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "name": "ranker", "uid": "a1", "controller": true}]
          },
          "spec": {"ratio": 1.50, "deep": [{"x": null}, []]}
        }
        """;

    [Fact]
    public void It_comes_back_as_it_was_but_for_who_owns_which_field()
    {
        var expected = JsonNode.Parse(Text)!.AsObject();
        expected["metadata"]!.AsObject().Remove("managedFields");
        expected["metadata"]!["annotations"]!.AsObject().Remove("kubectl.kubernetes.io/last-applied-configuration");

        var kept = JsonSerializer.Deserialize(Text, ClusterJson.Default.KeptObject)!;

        Assert.True(JsonNode.DeepEquals(expected, kept.Read()));
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(JsonSerializer.Serialize(kept, ClusterJson.Default.KeptObject))));
    }

    [Fact]
    public void What_is_asked_all_the_time_is_known_without_reading_it()
    {
        var kept = KeptObject.Of(JsonNode.Parse(Text)!.AsObject());

        Assert.Equal(("a1", "ranker", "ranker", 3, false), (kept.ControllerUid, kept.ControllerName, kept.Agent, kept.Generation, kept.IsGoing));
    }

    [Fact]
    public void What_one_reader_changes_no_other_sees()
    {
        var kept = KeptObject.Of(JsonNode.Parse(Text)!.AsObject());

        kept.Read().Remove("spec");

        Assert.NotNull(kept.Read()["spec"]);
    }

    [Fact]
    public void What_is_no_object_is_refused() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("[]", ClusterJson.Default.KeptObject));
}
