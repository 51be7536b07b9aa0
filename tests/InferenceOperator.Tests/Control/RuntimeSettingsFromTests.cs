using InferenceOperator.Control;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
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

    private static ReplicaSettings Settings(CacheSpec cache) => new(new BatchLimits(16, Duration.Parse("2ms")), null, cache);
}
