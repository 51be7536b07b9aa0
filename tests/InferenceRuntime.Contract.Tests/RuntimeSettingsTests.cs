using System.Text.Json;

namespace InferenceRuntime.Contract.Tests;

public sealed class RuntimeSettingsTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"batching":{},"queue":{}}""")]
    [InlineData("""{"batching":{"maxSize":32}}""")]
    public void What_a_document_leaves_out_has_its_default(string json) =>
        Assert.Equal(new RuntimeSettings(), Read(json));

    [Fact]
    public void Every_field_is_read_and_written()
    {
        var settings = new RuntimeSettings
        {
            Batching = new BatchingSettings { MaxSize = 7, MaxDelayMs = 1.5 },
            Queue = new QueueSettings { MaxRequests = 9, MaxBytes = 11, TimeoutMs = 2.5, DefaultPriority = 3 },
            Slo = new SloSettings { TargetMs = 50 },
            Cache = new CacheSettings { Policy = CachePolicy.S3FIFO, MaxBytes = 65536, TtlMs = 2.5 },
            Padding = new Dictionary<string, PaddingSettings> { ["ids"] = new() { Axis = 2, Buckets = [16, 32], Value = 1.5 } },
            Serving = new Dictionary<string, double> { ["full"] = 3, ["int8"] = 1 },
        };

        var json = JsonSerializer.Serialize(settings, ContractJson.Default.RuntimeSettings);

        Assert.Equal(
            """{"batching":{"maxSize":7,"maxDelayMs":1.5},"queue":{"maxRequests":9,"maxBytes":11,"timeoutMs":2.5,"defaultPriority":3},"slo":{"targetMs":50},"cache":{"policy":"S3FIFO","maxBytes":65536,"ttlMs":2.5}"""
            + ""","padding":{"ids":{"axis":2,"buckets":[16,32],"value":1.5}},"serving":{"full":3,"int8":1}}""",
            json);
        Assert.Equal(settings, Read(json));
    }

    [Theory]
    [InlineData("""{"batch":{}}""")]
    [InlineData("""{"batching":null}""")]
    [InlineData("""{"batching":{"maxSize":1,"maxSize":2}}""")]
    [InlineData("""{"batching":{"maxSize":"1"}}""")]
    [InlineData("""{"batching":{"maxSize":1.5}}""")]
    [InlineData("""{"cache":{"policy":"FIFO"}}""")]
    [InlineData("""{"cache":{"policy":1}}""")]
    public void A_field_that_is_unknown_repeated_null_or_of_another_type_is_refused(string json) =>
        Assert.Throws<JsonException>(() => Read(json));

    [Theory]
    [InlineData("""{"batching":{"maxSize":0}}""", "batching.maxSize")]
    [InlineData("""{"batching":{"maxSize":65537}}""", "batching.maxSize")]
    [InlineData("""{"batching":{"maxDelayMs":-1}}""", "batching.maxDelayMs")]
    [InlineData("""{"batching":{"maxDelayMs":10001}}""", "batching.maxDelayMs")]
    [InlineData("""{"queue":{"maxRequests":0}}""", "queue.maxRequests")]
    [InlineData("""{"queue":{"maxBytes":0}}""", "queue.maxBytes")]
    [InlineData("""{"queue":{"timeoutMs":0}}""", "queue.timeoutMs")]
    [InlineData("""{"queue":{"timeoutMs":3600001}}""", "queue.timeoutMs")]
    [InlineData("""{"queue":{"defaultPriority":0}}""", "queue.defaultPriority")]
    [InlineData("""{"queue":{"defaultPriority":9}}""", "queue.defaultPriority")]
    [InlineData("""{"cache":{"maxBytes":65535}}""", "cache.maxBytes")]
    [InlineData("""{"cache":{"ttlMs":-1}}""", "cache.ttlMs")]
    [InlineData("""{"padding":{"x":{"axis":0,"buckets":[1]}}}""", "padding.x.axis")]
    [InlineData("""{"padding":{"x":{}}}""", "padding.x.buckets")]
    [InlineData("""{"padding":{"x":{"buckets":[4,4]}}}""", "padding.x.buckets")]
    [InlineData("""{"padding":{"x":{"buckets":[0]}}}""", "padding.x.buckets")]
    [InlineData("""{"serving":{"full":-1,"int8":2}}""", "serving.full")]
    [InlineData("""{"serving":{"full":0}}""", "serving")]
    [InlineData("""{"slo":{}}""", "slo.targetMs")]
    [InlineData("""{"slo":{"targetMs":600001}}""", "slo.targetMs")]
    public void A_broken_rule_names_its_field(string json, string field) =>
        Assert.StartsWith($"{field}: ", Assert.Single(Read(json).Validate()), StringComparison.Ordinal);

    [Fact]
    public void The_number_of_shares_and_of_padded_inputs_is_bounded()
    {
        var variants = new RuntimeSettings { Serving = Enumerable.Range(0, 17).ToDictionary(i => $"v{i}", _ => 1d) };
        var inputs = new RuntimeSettings { Padding = Enumerable.Range(0, 65).ToDictionary(i => $"x{i}", _ => new PaddingSettings { Buckets = [1] }) };

        Assert.Equal("serving: 17 variants, not 1 to 16", Assert.Single(variants.Validate()));
        Assert.Equal("padding: 65 inputs, at most 64", Assert.Single(inputs.Validate()));
    }

    [Fact]
    public void Settings_are_equal_when_the_members_of_their_dictionaries_are()
    {
        Assert.Equal(Read("""{"serving":{"a":1,"b":2},"padding":{"x":{"buckets":[1]}}}"""), Read("""{"serving":{"b":2,"a":1},"padding":{"x":{"buckets":[1]}}}"""));
        Assert.NotEqual(Read("""{"serving":{"a":1}}"""), Read("""{"serving":{"a":2}}"""));
        Assert.NotEqual(Read("""{"padding":{"x":{"buckets":[1]}}}"""), Read("""{"padding":{"x":{"buckets":[2]}}}"""));
        Assert.NotEqual(Read("""{"serving":{"a":1}}"""), Read("{}"));
    }

    private static RuntimeSettings Read(string json) => JsonSerializer.Deserialize(json, ContractJson.Default.RuntimeSettings)!;
}
