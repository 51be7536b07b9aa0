using InferenceOperator.Commands;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Tests.Commands;

public sealed class PriceOptionTests
{
    [Fact]
    public void Prices_stand_by_resource_and_without_any_nobody_has_said_what_devices_cost()
    {
        Assert.Equal(2.5, PriceOption.Read(["nvidia.com/gpu=2.5", "cpu=0.1"])!.PerReplicaHour(new GpuSpec { Count = 1 }));
        Assert.Null(PriceOption.Read([]));
        Assert.Null(PriceOption.Read(null));
    }

    [Fact]
    public void What_is_wrong_is_said_with_the_name_of_the_option() =>
        Assert.Equal("--gpu-price: 'nvidia.com/gpu' is not RESOURCE=PRICE, such as nvidia.com/gpu=2.5", Assert.Throws<FormatException>(() => PriceOption.Read(["nvidia.com/gpu"])).Message);
}
