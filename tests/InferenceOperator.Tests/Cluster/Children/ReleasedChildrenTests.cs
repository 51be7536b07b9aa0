using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Children;

/// <summary>
/// What every released version made of a set of agents, against this version: an upgrade replaces no pod. The files under Released
/// are what those versions rendered; they are added to at a release and never change.
/// </summary>
public sealed class ReleasedChildrenTests
{
    private const string NewImage = "inference-runtime:of-another-version";

    public static TheoryData<string> Released()
    {
        var files = new TheoryData<string>();
        foreach (var file in ReleasedFixture.All())
        {
            files.Add(file);
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(Released))]
    public void No_pod_template_of_a_released_version_changes(string file)
    {
        var fixture = ReleasedFixture.Read(file);

        var template = Template(fixture.Agent, fixture.Deployment);

        Assert.True(JsonNode.DeepEquals(fixture.Template, template), $"{file} became\n{template.ToJsonString()}");
    }

    [Theory]
    [MemberData(nameof(Released))]
    public void Nor_when_a_field_is_set_that_pods_do_not_depend_on(string file)
    {
        var fixture = ReleasedFixture.Read(file);
        var agent = fixture.Agent.DeepClone().AsObject();
        agent["spec"]!["children"] = Written.Json("""{"podDisruptionBudget": false}""");
        agent["spec"]!["scaling"] = Written.Json("""{"minReplicas": 2, "maxReplicas": 7, "mode": "Recommend"}""");
        agent["spec"]!["slo"] = Written.Json("""{"latency": {"target": "7ms", "percentile": "95"}, "priority": 3}""");

        Assert.True(JsonNode.DeepEquals(fixture.Template, Template(agent, fixture.Deployment)));
    }

    [Theory]
    [MemberData(nameof(Released))]
    public void What_is_kept_once_is_kept_again_and_a_change_that_matters_brings_the_newest(string file)
    {
        var fixture = ReleasedFixture.Read(file);
        var kept = Deployment(fixture.Agent, fixture.Deployment);
        Assert.Equal("1", (string?)kept["metadata"]!["annotations"]![ChildLabels.Rendering]);
        Assert.True(JsonNode.DeepEquals(fixture.Template, Deployment(fixture.Agent, kept)["spec"]!["template"]));

        var agent = fixture.Agent.DeepClone().AsObject();
        var template = agent["spec"]!["template"] as JsonObject ?? [];
        template["nodeSelector"] = Written.Json("""{"zone": "b"}""");
        agent["spec"]!["template"] = template.DeepClone();
        var changed = Deployment(agent, kept);

        Assert.Equal(PodRendering.Newest.ToString(System.Globalization.CultureInfo.InvariantCulture), (string?)changed["metadata"]!["annotations"]![ChildLabels.Rendering]);
        Assert.Equal(NewImage, (string?)changed["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);
        Assert.Equal("b", (string?)changed["spec"]!["template"]!["spec"]!["nodeSelector"]!["zone"]);
    }

    [Theory]
    [MemberData(nameof(Released))]
    public void An_operator_that_is_told_to_renew_pods_does(string file)
    {
        var fixture = ReleasedFixture.Read(file);

        var renewed = Written.Children(fixture.Plan(), NewImage, fixture.Deployment, renews: true).Single(static c => c.Kind is ChildKind.Deployment).Manifest;

        Assert.True(JsonNode.DeepEquals(renewed["spec"]!["template"], Written.Children(fixture.Plan(), NewImage).Single(static c => c.Kind is ChildKind.Deployment).Manifest["spec"]!["template"]));
        Assert.False(JsonNode.DeepEquals(fixture.Template, renewed["spec"]!["template"]));
    }

    [Fact]
    public void Another_image_of_the_operator_s_options_is_for_new_pods_only()
    {
        var plan = Written.Plan(Written.Agent("ads", "ranker"));
        var first = Written.Children(plan, "inference-runtime:1").Single(static c => c.Kind is ChildKind.Deployment).Manifest;

        var second = Written.Children(plan, "inference-runtime:2", first).Single(static c => c.Kind is ChildKind.Deployment).Manifest;

        Assert.True(JsonNode.DeepEquals(first["spec"]!["template"], second["spec"]!["template"]));
        Assert.True(JsonNode.DeepEquals(first["metadata"], second["metadata"]));
    }

    [Theory]
    [InlineData("""{"resources": {"limits": {"cpu": "0.5", "memory": "1024Mi"}}}""", """{"resources": {"limits": {"memory": "1Gi", "cpu": "500m"}}}""", true)]
    [InlineData("""{"nodeSelector": {"a": "1", "b": "2"}}""", """{"nodeSelector": {"b": "2", "a": "1"}}""", true)]
    [InlineData("""{"nodeSelector": {"a": "1"}}""", """{"nodeSelector": {"a": "2"}}""", false)]
    [InlineData("""{"env": [{"name": "A", "value": "1"}]}""", """{"env": [{"name": "A", "value": "1.0"}]}""", false)]
    public void The_same_said_otherwise_is_the_same(string before, string after, bool same)
    {
        var first = Written.Children(Written.Plan(Written.Agent("ads", "ranker", $""" "template": {before} """)), "inference-runtime:1").Single(static c => c.Kind is ChildKind.Deployment).Manifest;

        var second = Written.Children(Written.Plan(Written.Agent("ads", "ranker", $""" "template": {after} """)), "inference-runtime:2", first).Single(static c => c.Kind is ChildKind.Deployment).Manifest;

        Assert.Equal(same ? "inference-runtime:1" : "inference-runtime:2", (string?)second["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);
    }

    [Fact]
    public void What_a_newer_operator_rendered_is_rendered_by_this_one_s_newest()
    {
        var plan = Written.Plan(Written.Agent("ads", "ranker"));
        var deployment = Written.Children(plan).Single(static c => c.Kind is ChildKind.Deployment).Manifest;
        deployment["metadata"]!["annotations"]![ChildLabels.Rendering] = "99";

        var rendering = PodRendering.For(plan.Agent, NewImage, "d", deployment, renews: false);

        Assert.Equal((PodRendering.Newest, NewImage), (rendering.Revision, rendering.Image));
        Assert.True(rendering.Replaces(deployment));
    }

    private static JsonObject Deployment(JsonObject agent, JsonObject live) =>
        Written.Children(Written.Plan(agent.DeepClone().AsObject()), NewImage, live).Single(static c => c.Kind is ChildKind.Deployment).Manifest;

    private static JsonNode Template(JsonObject agent, JsonObject live) => Deployment(agent, live)["spec"]!["template"]!;
}
