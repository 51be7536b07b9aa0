using InferenceOperator.Local.Endpoint.Grpc;

namespace InferenceOperator.Tests.Local.Grpc;

public sealed class CallTimeoutTests
{
    [Theory]
    [InlineData("0S", 0.0)]
    [InlineData("1H", 3600.0)]
    [InlineData("2M", 120.0)]
    [InlineData("99999999S", 99_999_999.0)]
    [InlineData("250m", 0.25)]
    [InlineData("5u", 0.000005)]
    [InlineData("900n", 0.0000009)]
    public void What_the_specification_allows_is_read(string text, double seconds)
    {
        Assert.True(CallTimeout.TryParse(text, out var timeout));
        Assert.Equal(seconds, timeout.TotalSeconds, 1e-7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("123456789S")]
    [InlineData("1.5S")]
    public void Anything_else_is_not(string text) => Assert.False(CallTimeout.TryParse(text, out _));

    [Theory]
    [InlineData(0.0, "1u")]
    [InlineData(0.0123456, "12345u")]
    [InlineData(99.0, "99000000u")]
    [InlineData(100.0, "100000m")]
    [InlineData(200_000.0, "200000S")]
    public void What_is_left_is_written_in_the_finest_unit_that_holds_it_and_never_as_more(double seconds, string text) =>
        Assert.Equal(text, CallTimeout.Write(TimeSpan.FromSeconds(seconds)));
}
