using InferenceOperator.Control;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Contract;
using CachePolicy = InferenceOperator.Core.Resource.CachePolicy;
using RuntimePolicy = InferenceRuntime.Contract.CachePolicy;

namespace InferenceOperator.Tests.Control;

public sealed class RuntimeSettingsFromTests
{
    public static TheoryData<CachePolicy> Policies => [.. Enum.GetValues<CachePolicy>()];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Every_policy_of_a_manifest_is_the_runtimes_policy_of_the_same_name(CachePolicy policy)
    {
        var settings = RuntimeSettingsFrom.Plan(Settings(new CacheSpec { Policy = policy }));

        Assert.Equal(policy.ToString(), settings.Cache.Policy.ToString());
        Assert.Equal(Enum.GetNames<CachePolicy>(), Enum.GetNames<RuntimePolicy>());
    }

    [Theory]
    [InlineData("100Ki", 102_400)]
    [InlineData("9999999Ki", 10_239_998_976)]
    [InlineData("64Mi", 67_108_864)]
    [InlineData("999999Mi", 1_048_574_951_424)]
    [InlineData("999Gi", 1_072_668_082_176)]
    public void Sizes_and_ages_come_over_in_the_runtimes_units_and_within_its_bounds(string size, long bytes)
    {
        var settings = RuntimeSettingsFrom.Plan(Settings(new CacheSpec { Policy = CachePolicy.SIEVE, Size = size, Ttl = Duration.Parse("720h") }));

        Assert.Equal(bytes, settings.Cache.MaxBytes);
        Assert.Equal(720d * 3600 * 1000, settings.Cache.TtlMs);
        Assert.Empty(settings.Validate());
    }

    [Theory]
    [InlineData("100Ki", 102_400)]
    [InlineData("256Mi", 268_435_456)]
    [InlineData("999Gi", 1_072_668_082_176)]
    public void The_bounds_of_the_queue_come_over_in_the_runtimes_units_and_within_its_bounds(string memory, long bytes)
    {
        var settings = RuntimeSettingsFrom.Plan(Settings(new BatchingSpec { Queue = new QueueSpec { Requests = 1_000_000, Memory = memory, Timeout = Duration.Parse("1h") } }));

        Assert.Equal(new QueueSettings { MaxRequests = 1_000_000, MaxBytes = bytes, TimeoutMs = 3_600_000 }, settings.Queue);
        Assert.Empty(settings.Validate());
    }

    [Fact]
    public void Every_padded_input_gets_all_buckets_and_its_own_value()
    {
        var settings = RuntimeSettingsFrom.Plan(Settings(new BatchingSpec
        {
            Buckets = [.. Enumerable.Range(0, 31).Select(i => i + 1), 16_777_216],
            Pad = new Dictionary<string, long> { ["tokens"] = 0, ["mask"] = -(1L << 53) },
        }));

        Assert.Equal(["mask", "tokens"], settings.Padding!.Keys);
        Assert.All(settings.Padding.Values, padding => Assert.Equal(32, padding.Buckets.Count));
        Assert.Equal(-9_007_199_254_740_992d, settings.Padding["mask"].Value);
        Assert.Empty(settings.Validate());
    }

    [Fact]
    public void What_a_manifest_does_not_declare_is_the_runtimes_own_default()
    {
        var settings = RuntimeSettingsFrom.Plan(Settings(new BatchingSpec()));

        Assert.Equal(new RuntimeSettings { Batching = settings.Batching }, settings);
    }

    [Fact]
    public void What_variants_leave_goes_to_the_model_itself_and_without_a_share_it_answers_everything()
    {
        VariantSpec Variant(string name, int? share) => new() { Name = name, Model = Model, Share = share };
        RuntimeSettings From(params VariantSpec[] variants) => RuntimeSettingsFrom.Plan(Settings(new AgentSpec { Model = Model, Variants = variants }));

        var some = From(Variant("a", 10), Variant("b", null), Variant("c", 25));

        Assert.Equal(new Dictionary<string, double> { ["a"] = 10, ["c"] = 25, ["full"] = 65 }, some.Serving);
        Assert.Empty(some.Validate());
        Assert.Equal(new Dictionary<string, double> { ["a"] = 100, ["full"] = 0 }, From(Variant("a", 100)).Serving);
        Assert.Null(From(Variant("a", null), Variant("b", 0)).Serving);
    }

    [Fact]
    public void A_new_batch_limit_leaves_everything_else_as_the_manifest_declares_it()
    {
        var spec = new AgentSpec
        {
            Model = Model,
            Variants = [new VariantSpec { Name = "student", Model = Model, Share = 40 }],
            Slo = new SloSpec { Latency = new LatencySloSpec { Target = Duration.Parse("50ms") } },
            Batching = new BatchingSpec
            {
                Queue = new QueueSpec { Requests = 7, Memory = "1Mi", Timeout = Duration.Parse("3s") },
                Buckets = [16],
                Pad = new Dictionary<string, long> { ["tokens"] = 2 },
            },
            Serving = new ServingSpec { Cache = new CacheSpec { Policy = CachePolicy.LFU, Size = "5Mi", Ttl = Duration.Parse("4s") } },
        };

        var settings = RuntimeSettingsFrom.Plan(ReplicaSettings.For(spec, new BatchLimits(33, Duration.Parse("1ms"))));

        Assert.Equal(
            new RuntimeSettings
            {
                Batching = new BatchingSettings { MaxSize = 33, MaxDelayMs = 1 },
                Queue = new QueueSettings { MaxRequests = 7, MaxBytes = 1 << 20, TimeoutMs = 3000 },
                Slo = new SloSettings { TargetMs = 50 },
                Cache = new CacheSettings { Policy = RuntimePolicy.LFU, MaxBytes = 5 << 20, TtlMs = 4000 },
                Padding = new Dictionary<string, PaddingSettings> { ["tokens"] = new() { Buckets = [16], Value = 2 } },
                Serving = new Dictionary<string, double> { ["full"] = 60, ["student"] = 40 },
            },
            settings);
    }

    private static ReplicaSettings Settings(CacheSpec cache) => Settings(new AgentSpec { Model = Model, Serving = new ServingSpec { Cache = cache } });

    private static ReplicaSettings Settings(BatchingSpec batching) => Settings(new AgentSpec { Model = Model, Batching = batching });

    private static ReplicaSettings Settings(AgentSpec spec) => ReplicaSettings.For(spec, new BatchLimits(16, Duration.Parse("2ms")));

    private static ModelSpec Model => new() { Uri = "pvc://models/m.onnx" };
}
