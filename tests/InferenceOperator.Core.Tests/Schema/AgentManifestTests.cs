using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Tests.Schema;

public sealed class AgentManifestTests
{
    private const string Minimal = """
        {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "metadata": {"name": "ranker"},
         "spec": {"model": {"uri": "pvc://models/ranker.onnx"}}}
        """;

    private const string Whole = """
        {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent",
         "metadata": {"name": "ctr-ranker", "namespace": "ads", "uid": "u", "generation": 3, "managedFields": [{"manager": "kubectl"}],
                      "creationTimestamp": "2030-01-01T00:00:00Z", "labels": {"team": "ads"}},
         "spec": {
           "model": {"uri": "pvc://models/ranker.onnx", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
           "store": {"claimName": "models", "size": "200Gi", "removeUnusedAfterDays": 30},
           "variants": [{"name": "student", "model": {"uri": "pvc://models/student.onnx"}, "share": 10, "accuracy": "1"}, {"name": "idle", "model": {"uri": "pvc://other/idle.onnx"}, "use": "Burst", "accuracy": "0.985"}],
           "quantization": {"level": "None", "minAccuracy": "0.98", "accuracyPrice": "12.5"}, "gpu": {"count": 1, "resource": "nvidia.com/mig-1g.10gb", "provider": "TensorRT", "minAcceleratedShare": 90}, "parallelism": {"mode": "Data"},
           "slo": {"latency": {"percentile": "99.9", "target": "50ms"}},
           "scaling": {"mode": "Recommend", "minReplicas": 2, "maxReplicas": 8, "scaleUp": {"maxStep": "50%"}, "scaleDown": {"window": "1m30s", "maxStep": 2}},
           "batching": {"maxSize": 32, "maxDelay": "5ms", "queue": {"requests": 99, "memory": "1Gi", "timeout": "2s"}, "buckets": [16, 32], "pad": {"tokens": 0, "mask": -1}},
           "serving": {"cache": {"policy": "S3FIFO", "size": "1Gi", "ttl": "10m"}},
           "template": {"resources": {"requests": {"cpu": 2, "memory": "256Mi"}}, "env": [{"name": "A", "value": "b"}],
                        "nodeSelector": {"gpu": "h200"}, "tolerations": [{"key": "gpu", "operator": "Exists"}], "priorityClassName": "high"}}}
        """;

    [Fact]
    public void The_least_manifest_gets_the_defaults()
    {
        var agent = Accept(Minimal);

        Assert.Equal(new ScalingSpec(), agent.Spec.Scaling);
        Assert.Equal(new BatchingSpec(), agent.Spec.Batching);
        Assert.Equal(new CacheSpec { Policy = CachePolicy.None, Size = "64Mi", Ttl = default }, agent.Spec.Serving.Cache);
        Assert.Equal(new GpuSpec(), agent.Spec.Gpu);
        Assert.Equal(new QuantizationSpec(), agent.Spec.Quantization);
        Assert.Equal(new StoreSpec(), agent.Spec.Store);
        Assert.Null(agent.Spec.Slo);
        Assert.Equal("default/ranker", agent.Key());
        Assert.Equal("1m0s", agent.Spec.Scaling.ScaleDown.Window.ToString());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("2.5")]
    [InlineData("\"4\"")]
    [InlineData("\"0%\"")]
    [InlineData("\"ten\"")]
    [InlineData("{}")]
    public void A_step_is_a_number_of_replicas_or_a_percentage(string step)
    {
        var reading = AgentManifest.Read(JsonNode.Parse(Minimal.Replace("}}}", $"}}, \"scaling\": {{\"scaleUp\": {{\"maxStep\": {step}}}}}}}}}", StringComparison.Ordinal)));

        var error = Assert.Single(Assert.IsType<ManifestReading.Rejected>(reading).Errors);
        Assert.Equal("spec.scaling.scaleUp.maxStep", error.Path);
        Assert.Contains("is not a step", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_manifest_is_read_as_it_stands()
    {
        var agent = Accept(Whole);

        Assert.Equal("ads", agent.Metadata.Namespace);
        Assert.Equal(3, agent.Metadata.Generation);
        Assert.Equal(0.999, agent.Spec.Slo!.Latency.Share, 12);
        Assert.Equal(TimeSpan.FromMilliseconds(50), agent.Spec.Slo.Latency.Target.ToTimeSpan());
        Assert.Equal(new StoreSpec { ClaimName = "models", Size = "200Gi", RemoveUnusedAfterDays = 30 }, agent.Spec.Store);
        Assert.Equal(new ScalingSpec { Mode = ScalingMode.Recommend, MinReplicas = 2, MaxReplicas = 8, ScaleUp = new() { MaxStep = new(50, IsPercent: true) }, ScaleDown = new() { Window = Duration.Parse("90s"), MaxStep = new(2, IsPercent: false) } }, agent.Spec.Scaling);
        Assert.Equal(
            new BatchingSpec
            {
                MaxSize = 32,
                MaxDelay = Duration.Parse("5ms"),
                Queue = new QueueSpec { Requests = 99, Memory = "1Gi", Timeout = Duration.Parse("2s") },
                Buckets = [16, 32],
                Pad = new Dictionary<string, long> { ["mask"] = -1, ["tokens"] = 0 },
            },
            agent.Spec.Batching);
        Assert.Equal(new CacheSpec { Policy = CachePolicy.S3FIFO, Size = "1Gi", Ttl = Duration.Parse("10m") }, agent.Spec.Serving.Cache);
        Assert.Equal(
            [new VariantSpec { Name = "student", Model = new() { Uri = "pvc://models/student.onnx" }, Share = 10, Accuracy = "1" }, new VariantSpec { Name = "idle", Model = new() { Uri = "pvc://other/idle.onnx" }, Use = VariantUse.Burst, Accuracy = "0.985" }],
            agent.Spec.Variants);
        Assert.Equal((0.98, 12.5), (agent.Spec.Quantization.AccuracyFloor, agent.Spec.Quantization.AccuracyPricePerHour));
        Assert.Equal([1, 0.985], agent.Spec.Variants!.Select(static v => v.AccuracyShare));
        Assert.Equal("high", agent.Spec.Template!["priorityClassName"]!.GetValue<string>());
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var agent = Accept(Whole);

        var again = Assert.IsType<ManifestReading.Accepted>(AgentManifest.Read(AgentManifest.Write(agent))).Agent;

        Assert.Equal(agent.Spec with { Template = null, Variants = null }, again.Spec with { Template = null, Variants = null });
        Assert.Equal(agent.Spec.Variants, again.Spec.Variants);
        Assert.True(JsonNode.DeepEquals(agent.Spec.Template, again.Spec.Template));
    }

    [Theory]
    [InlineData("spec.scalling", """{"mode": "Auto"}""", "spec.scalling", "did you mean 'scaling'?")]
    [InlineData("spec.scaling", """{"minReplica": 1}""", "spec.scaling.minReplica", "did you mean 'minReplicas'?")]
    [InlineData("spec.cache", """{"policy": "SIEVE"}""", "spec.cache", "unknown field")]
    [InlineData("spec.slo", """{"latency": {"target": "50"}}""", "spec.slo.latency.target", "has no unit")]
    [InlineData("spec.slo", """{"latency": {"target": 50}}""", "spec.slo.latency.target", "must be a duration in quotes")]
    [InlineData("spec.slo", """{"latency": {"target": "50mb"}}""", "spec.slo.latency.target", "is not a duration")]
    [InlineData("spec.slo", """{"latency": {"target": "-5ms"}}""", "spec.slo.latency.target", "negative")]
    [InlineData("spec.slo", """{"latency": {"target": "0s"}}""", "spec.slo.latency.target", "must be above 0")]
    [InlineData("spec.slo", """{"latency": {"target": "11m"}}""", "spec.slo.latency.target", "at most 10m")]
    [InlineData("spec.slo", """{"latency": {}}""", "spec.slo.latency.target", "is required")]
    [InlineData("spec.slo", """{"latency": {"target": "1s", "percentile": 99}}""", "spec.slo.latency.percentile", "must be text in quotes")]
    [InlineData("spec.slo", """{"latency": {"target": "1s", "percentile": "100"}}""", "spec.slo.latency.percentile", "does not match")]
    [InlineData("spec.slo", """{"latency": {"target": "1s", "percentile": "12"}}""", "spec.slo.latency.percentile", "at least 50")]
    [InlineData("spec.slo", """{"latency": {"target": "1s"}, "availability": "99.9"}""", "spec.slo.availability", "unknown field")]
    [InlineData("spec.quantization", """{"level": "INT8"}""", "spec.quantization.level", "is not one of None")]
    [InlineData("spec.parallelism", """{"mode": "data"}""", "spec.parallelism.mode", "did you mean 'Data'?")]
    [InlineData("spec.gpu", """{"count": 1.5}""", "spec.gpu.count", "whole number")]
    [InlineData("spec.gpu", """{"count": "1"}""", "spec.gpu.count", "whole number")]
    [InlineData("spec.gpu", """{"count": 4}""", "spec.gpu.count", "above 1")]
    [InlineData("spec.gpu", """{"count": 1, "provider": "ROCm"}""", "spec.gpu.provider", "TensorRT")]
    [InlineData("spec.gpu", """{"count": 1, "minAcceleratedShare": 0}""", "spec.gpu.minAcceleratedShare", "below 1")]
    [InlineData("spec.gpu", """{"provider": "CUDA"}""", "spec.gpu.count", "need a GPU")]
    [InlineData("spec.gpu", """{"count": 0, "minAcceleratedShare": 50}""", "spec.gpu.count", "need a GPU")]
    [InlineData("spec.scaling", """{"minReplicas": -1}""", "spec.scaling.minReplicas", "below 0")]
    [InlineData("spec.scaling", """{"minReplicas": 5, "maxReplicas": 2}""", "spec.scaling.minReplicas", "must not be above maxReplicas")]
    [InlineData("spec.scaling", """{"minReplicas": 50}""", "spec.scaling.minReplicas", "must not be above maxReplicas")]
    [InlineData("spec.scaling", """{"scaleDown": {"window": "2h"}}""", "spec.scaling.scaleDown.window", "at most 1h")]
    [InlineData("spec.scaling", """{"replicas": null}""", "spec.scaling.replicas", "leave the field out")]
    [InlineData("spec.scaling", "[]", "spec.scaling", "must be an object")]
    [InlineData("spec.batching", """{"maxSize": 100000}""", "spec.batching.maxSize", "above 4096")]
    [InlineData("spec.batching", """{"queue": {"requests": 0}}""", "spec.batching.queue.requests", "below 1")]
    [InlineData("spec.batching", """{"queue": {"memory": "1GB"}}""", "spec.batching.queue.memory", "does not match")]
    [InlineData("spec.batching", """{"queue": {"timeout": "0s"}}""", "spec.batching.queue.timeout", "must be above 0")]
    [InlineData("spec.batching", """{"queue": {"timeout": "61m"}}""", "spec.batching.queue.timeout", "at most 1h")]
    [InlineData("spec.batching", """{"queue": {"size": "1Gi"}}""", "spec.batching.queue.size", "unknown field")]
    [InlineData("spec.batching", """{"pad": {"tokens": 0}}""", "spec.batching.buckets", "must give the lengths")]
    [InlineData("spec.batching", """{"pad": {"tokens": 0}, "buckets": []}""", "spec.batching.buckets", "must give the lengths")]
    [InlineData("spec.batching", """{"buckets": [16]}""", "spec.batching.pad", "must name the inputs")]
    [InlineData("spec.batching", """{"buckets": [16, 32, 32], "pad": {"tokens": 0}}""", "spec.batching.buckets", "the lengths must be ascending, each given once")]
    [InlineData("spec.batching", """{"buckets": [32, 16.0], "pad": {"tokens": 0}}""", "spec.batching.buckets", "the lengths must be ascending, each given once")]
    [InlineData("spec.batching", """{"buckets": [0, 16], "pad": {"tokens": 0}}""", "spec.batching.buckets[0]", "below 1")]
    [InlineData("spec.batching", """{"buckets": ["16"], "pad": {"tokens": 0}}""", "spec.batching.buckets[0]", "must be a whole number")]
    [InlineData("spec.batching", """{"buckets": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33], "pad": {"tokens": 0}}""", "spec.batching.buckets", "at most 32")]
    [InlineData("spec.batching", """{"buckets": [16], "pad": {"tokens": 0.5}}""", "spec.batching.pad[tokens]", "must be a whole number")]
    [InlineData("spec.batching", """{"buckets": [16], "pad": ["tokens"]}""", "spec.batching.pad", "must be an object")]
    [InlineData("spec.serving", """{"cache": {"policy": "lru"}}""", "spec.serving.cache.policy", "did you mean 'LRU'?")]
    [InlineData("spec.serving", """{"cache": {"size": "99Ki"}}""", "spec.serving.cache.size", "does not match")]
    [InlineData("spec.serving", """{"cache": {"size": "1000Gi"}}""", "spec.serving.cache.size", "does not match")]
    [InlineData("spec.serving", """{"cache": {"ttl": "721h"}}""", "spec.serving.cache.ttl", "at most 720h")]
    [InlineData("spec.model", """{"uri": "gs://bucket/ranker.onnx"}""", "spec.model.uri", "starts with none of")]
    [InlineData("spec.model", """{"uri": "pvc://a/b", "auth": {"secretName": "s"}}""", "spec.model.auth", "goes with https://, s3:// and oci:// only")]
    [InlineData("spec.model", """{"uri": "https://a.example/b", "auth": {"secretName": "S"}}""", "spec.model.auth.secretName", "does not match")]
    [InlineData("spec.model", """{"uri": "https://a.example/b", "data": [{"path": "b.data", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}]}""", "spec.model.data", "goes with sha256")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b", "auth": {"secretName": "s"}}}]""", "spec.variants[0].model.auth", "goes with https://, s3:// and oci:// only")]
    [InlineData("spec.store", """{"size": "64GB"}""", "spec.store.size", "does not match")]
    [InlineData("spec.store", """{"claimName": "models", "removeUnusedAfterDays": 0}""", "spec.store.removeUnusedAfterDays", "below 1")]
    [InlineData("spec.model", """{"uri": "pvc://models/a.onnx", "sha256": "XYZ"}""", "spec.model.sha256", "does not match")]
    [InlineData("spec.model", "null", "spec.model", "must not be null")]
    [InlineData("spec.variants", """[{"name": "a"}]""", "spec.variants[0].model", "is required")]
    [InlineData("spec.variants", """[{"name": "A", "model": {"uri": "pvc://a/b"}}]""", "spec.variants[0].name", "does not match")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "b"}}]""", "spec.variants[0].model.uri", "starts with none of")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b"}}, {"name": "a", "model": {"uri": "pvc://a/c"}}]""", "spec.variants[1].name", "stands twice")]
    [InlineData("spec.variants", """[{"name": "full", "model": {"uri": "pvc://a/b"}}]""", "spec.variants", "'full'")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b"}, "share": 101}]""", "spec.variants[0].share", "above 100")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b"}, "share": 60}, {"name": "b", "model": {"uri": "pvc://a/c"}, "share": 41}]""", "spec.variants", "more than 100")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b"}, "accuracy": "0,98"}]""", "spec.variants[0].accuracy", "is not a decimal number")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b"}, "accuracy": "1.01"}]""", "spec.variants[0].accuracy", "does not match")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b"}, "accuracy": 0.98}]""", "spec.variants[0].accuracy", "must be text in quotes")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b"}, "use": "burst"}]""", "spec.variants[0].use", "did you mean 'Burst'?")]
    [InlineData("spec.variants", """[{"name": "a", "model": {"uri": "pvc://a/b"}, "use": "Burst", "share": 1}]""", "spec.variants", "has no share of its own")]
    [InlineData("spec.quantization", """{"minAccuracy": "99"}""", "spec.quantization.minAccuracy", "does not match")]
    [InlineData("spec.quantization", """{"accuracyPrice": "-1"}""", "spec.quantization.accuracyPrice", "is not a decimal number")]
    [InlineData("spec.template", """{"resources": {"limits": {"memory": "1 GB"}}}""", "spec.template.resources.limits[memory]", "is not a quantity")]
    [InlineData("spec.template", """{"env": [{"value": "x"}]}""", "spec.template.env[0].name", "is required")]
    [InlineData("spec.template", """{"env": [{"name": "A"}, {"name": "A"}]}""", "spec.template.env[1].name", "stands twice")]
    [InlineData("spec.template", """{"nodeSelectr": {}}""", "spec.template.nodeSelectr", "did you mean 'nodeSelector'?")]
    [InlineData("metadata.name", "\"Upper_Case\"", "metadata.name", "lower-case")]
    [InlineData("apiVersion", "\"v1\"", "apiVersion", "must be inferenceoperator.io/v1alpha1")]
    [InlineData("kind", "\"Pod\"", "kind", "must be InferenceAgent")]
    [InlineData("extra", "1", "extra", "unknown field")]
    public void What_is_wrong_is_said_with_its_path(string at, string value, string path, string message)
    {
        var manifest = JsonNode.Parse(Minimal)!;
        Set(manifest, at, value);

        var rejected = Assert.IsType<ManifestReading.Rejected>(AgentManifest.Read(manifest));

        var error = Assert.Single(rejected.Errors);
        Assert.Equal(path, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"minAccuracy": "0.99"}""", """{"use": "Burst"}""", "has to say its accuracy")]
    [InlineData("""{"minAccuracy": "0.99"}""", """{"share": 1}""", "has to say its accuracy")]
    [InlineData("""{"accuracyPrice": "0.01"}""", """{"use": "Steady"}""", "has to say its accuracy")]
    [InlineData("""{"minAccuracy": "0.99"}""", """{"share": 1, "accuracy": "0.989"}""", "must not be less accurate")]
    [InlineData("""{"minAccuracy": "0.99"}""", """{"share": 1, "accuracy": "0.99"}""", null)]
    [InlineData("""{"minAccuracy": "0.99"}""", """{"use": "Burst", "accuracy": "0.5"}""", null)]
    [InlineData("""{"minAccuracy": "0.99", "accuracyPrice": "40"}""", """{"share": 0}""", null)]
    [InlineData("{}", """{"use": "Steady"}""", null)]
    public void A_floor_of_accuracy_needs_to_know_the_accuracy_and_excludes_declared_shares_below_it(string quantization, string variant, string? message)
    {
        var manifest = JsonNode.Parse(Minimal)!;
        var declared = JsonNode.Parse(variant)!;
        declared["name"] = "a";
        declared["model"] = new JsonObject { ["uri"] = "pvc://a/b" };
        Set(manifest, "spec.quantization", quantization);
        manifest["spec"]!["variants"] = new JsonArray(declared);

        var errors = AgentManifest.Read(manifest) is ManifestReading.Rejected rejected ? rejected.Errors.Select(static e => e.ToString()) : [];

        Assert.Equal(message is null ? 0 : 1, errors.Count());
        Assert.All(errors, error => Assert.Contains(message!, error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"buckets": [], "pad": {}}""")]
    public void No_buckets_and_no_inputs_mean_that_nothing_is_padded(string batching)
    {
        var manifest = JsonNode.Parse(Minimal)!;
        Set(manifest, "spec.batching", batching);

        var spec = Accept(manifest.ToJsonString()).Spec.Batching;

        Assert.Null(spec.Padding);
        Assert.Equal(new BatchingSpec(), spec);
    }

    [Fact]
    public void Every_error_is_reported_at_once_and_their_number_is_bounded()
    {
        var manifest = JsonNode.Parse(Minimal)!;
        for (var i = 0; i < 200; i++)
        {
            manifest["spec"]![$"unknown{i}"] = i;
        }

        var rejected = Assert.IsType<ManifestReading.Rejected>(AgentManifest.Read(manifest));

        Assert.Equal(StrictCheck.ErrorsMax, rejected.Errors.Length);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("{}")]
    [InlineData("""{"metadata": 3, "spec": "x", "apiVersion": [], "kind": {}}""")]
    [InlineData("""{"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "metadata": {"name": "a", "generation": "x"}, "spec": {"model": {"uri": "pvc://a/b"}}}""")]
    [InlineData("""{"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "metadata": {"name": "a", "labels": [1]}, "spec": {"model": {"uri": "pvc://a/b"}}}""")]
    public void Nonsense_is_rejected_and_not_thrown(string json) => Assert.IsType<ManifestReading.Rejected>(AgentManifest.Read(JsonNode.Parse(json)));

    [Fact]
    public void A_status_that_cannot_be_read_does_not_make_the_spec_bad()
    {
        var manifest = JsonNode.Parse(Minimal)!;
        manifest["status"] = JsonNode.Parse("""{"replicas": "many"}""");

        Assert.Null(Assert.IsType<ManifestReading.Accepted>(AgentManifest.Read(manifest)).Agent.Status);
    }

    [Fact]
    public void The_node_that_was_given_is_not_changed()
    {
        var manifest = JsonNode.Parse(Minimal)!;

        AgentManifest.Read(manifest);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Minimal), manifest));
    }

    private static InferenceAgent Accept(string json) => AgentManifest.Read(JsonNode.Parse(json)) switch
    {
        ManifestReading.Accepted accepted => accepted.Agent,
        ManifestReading.Rejected rejected => throw new Xunit.Sdk.XunitException(string.Join("; ", rejected.Errors)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static void Set(JsonNode manifest, string at, string value)
    {
        var parts = at.Split('.');
        var parent = parts[..^1].Aggregate(manifest, (node, part) => node[part]!);
        parent[parts[^1]] = JsonNode.Parse(value);
    }
}
