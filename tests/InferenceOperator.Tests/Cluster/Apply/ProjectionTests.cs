using InferenceOperator.Cluster.Apply;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Apply;

public sealed class ProjectionTests
{
    private const string Manifest = """{"spec": {"replicas": 2, "containers": [{"name": "runtime", "image": "a", "args": ["x", "y"]}]} }""";

    [Theory]
    [InlineData("""{"spec": {"replicas": 2, "paused": true, "containers": [{"name": "sidecar"}, {"name": "runtime", "image": "a", "args": ["x", "y"], "tty": false}]}, "status": {"replicas": 1} }""")]
    public void Fields_of_others_do_not_matter(string live) =>
        Assert.Equal(Projection.Of(Written.Json(Manifest), Written.Json(Manifest)), Projection.Of(Written.Json(live), Written.Json(Manifest)));

    [Fact]
    public void The_order_in_which_the_server_gives_the_fields_of_an_entry_does_not_matter()
    {
        const string wanted = """{"spec": {"ingress": [{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}], "ports": [{"port": 1, "protocol": "TCP"}]}]} }""";
        const string live = """{"spec": {"ingress": [{"ports": [{"protocol": "TCP", "port": 1}], "from": [{"podSelector": {"matchLabels": {"a": "b"}}, "namespaceSelector": {}}]}]} }""";

        Assert.Equal(Projection.Of(Written.Json(wanted), Written.Json(wanted)), Projection.Of(Written.Json(live), Written.Json(wanted)));
    }

    [Theory]
    [InlineData("""{"spec": {"replicas": 3, "containers": [{"name": "runtime", "image": "a", "args": ["x", "y"]}]} }""")]
    [InlineData("""{"spec": {"containers": [{"name": "runtime", "image": "a", "args": ["x", "y"]}]} }""")]
    [InlineData("""{"spec": {"replicas": 2, "containers": [{"name": "runtime", "image": "b", "args": ["x", "y"]}]} }""")]
    [InlineData("""{"spec": {"replicas": 2, "containers": [{"name": "runtime", "image": "a", "args": ["y", "x"]}]} }""")]
    [InlineData("""{"spec": {"replicas": 2, "containers": [{"name": "other", "image": "a", "args": ["x", "y"]}]} }""")]
    public void A_change_of_a_field_that_was_set_is_seen(string live) =>
        Assert.NotEqual(Projection.Of(Written.Json(Manifest), Written.Json(Manifest)), Projection.Of(Written.Json(live), Written.Json(Manifest)));
}
