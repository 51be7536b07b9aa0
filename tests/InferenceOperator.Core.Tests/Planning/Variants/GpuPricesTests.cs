using InferenceOperator.Core.Planning.Variants;

namespace InferenceOperator.Core.Tests.Planning.Variants;

public sealed class GpuPricesTests
{
    [Fact]
    public void A_replica_costs_the_price_of_its_devices_and_one_without_any_that_of_the_cpu()
    {
        var prices = GpuPrices.Parse(["nvidia.com/gpu=2.5", "nvidia.com/mig-1g.10gb=0.4", "cpu=0"]);

        Assert.Equal(2.5, prices.PerReplicaHour(new() { Count = 1 }));
        Assert.Equal(0.4, prices.PerReplicaHour(new() { Count = 1, Resource = "nvidia.com/mig-1g.10gb" }));
        Assert.Equal(1, prices.PerReplicaHour(new() { Count = 1, Resource = "amd.com/gpu" }));
        Assert.Equal(0, prices.PerReplicaHour(new()));
        Assert.Equal(1, GpuPrices.AllEqual.PerReplicaHour(new()));
    }

    [Theory]
    [InlineData("nvidia.com/gpu", "is not RESOURCE=PRICE")]
    [InlineData("=2", "is not RESOURCE=PRICE")]
    [InlineData("nvidia gpu=2", "is not RESOURCE=PRICE")]
    [InlineData("nvidia.com/gpu=", "is a number from 0")]
    [InlineData("nvidia.com/gpu=-1", "is a number from 0")]
    [InlineData("nvidia.com/gpu=1e3", "is a number from 0")]
    [InlineData("nvidia.com/gpu=2,5", "is a number from 0")]
    [InlineData("nvidia.com/gpu=NaN", "is a number from 0")]
    [InlineData("nvidia.com/gpu=2000000000", "is a number from 0")]
    public void What_is_wrong_is_said(string text, string message)
    {
        var error = Assert.Throws<FormatException>(() => GpuPrices.Parse([text]));

        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resource_has_one_price_and_there_are_not_endlessly_many()
    {
        Assert.Contains("already", Assert.Throws<FormatException>(() => GpuPrices.Parse(["a=1", "a=2"])).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => GpuPrices.Parse(Enumerable.Range(0, GpuPrices.ResourcesMax + 1).Select(static i => $"gpu{i}=1")));
    }
}
