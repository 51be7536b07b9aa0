using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Resource;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("500m", 0.5)]
    [InlineData("2", 2)]
    [InlineData("256Mi", 268435456)]
    [InlineData("1.5G", 1.5e9)]
    [InlineData("2e3", 2000)]
    [InlineData("100k", 100000)]
    [InlineData("-1", -1)]
    public void Quantities_are_read_and_written_exactly(string text, double value)
    {
        var quantity = Quantity.Parse(text);

        Assert.Equal((decimal)value, quantity.Value);
        Assert.Equal(text, quantity.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Mi")]
    [InlineData("1 Gi")]
    [InlineData("1gb")]
    [InlineData("1MiB")]
    [InlineData("999999999999999999999999Ei")]
    public void Anything_else_is_no_quantity(string text) => Assert.False(Quantity.TryParse(text, out _));
}
