using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Resource;

public sealed class DurationTests
{
    [Theory]
    [InlineData("0", 0, "0s")]
    [InlineData("0s", 0, "0s")]
    [InlineData("50ms", 50_000_000, "50ms")]
    [InlineData("1m30s", 90_000_000_000, "1m30s")]
    [InlineData("90s", 90_000_000_000, "1m30s")]
    [InlineData("1.5h", 5_400_000_000_000, "1h30m0s")]
    [InlineData("1h0.5s", 3_600_500_000_000, "1h0m0.5s")]
    [InlineData("1500us", 1_500_000, "1.5ms")]
    [InlineData("7µs", 7_000, "7µs")]
    [InlineData("1ns", 1, "1ns")]
    [InlineData("-2s", -2_000_000_000, "-2s")]
    [InlineData(".5s", 500_000_000, "500ms")]
    [InlineData("120s", 120_000_000_000, "2m0s")]
    public void Durations_are_read_and_written_as_Go_does(string text, long nanoseconds, string written)
    {
        var duration = Duration.Parse(text);

        Assert.Equal(nanoseconds, duration.Nanoseconds);
        Assert.Equal(written, duration.ToString());
        Assert.Equal(duration, Duration.Parse(written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("50")]
    [InlineData("ms")]
    [InlineData("50 ms")]
    [InlineData("1.2.3s")]
    [InlineData("5d")]
    [InlineData("s5")]
    [InlineData("99999999999999999h")]
    [InlineData("--1s")]
    public void Anything_else_is_no_duration(string text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void Any_duration_comes_back_as_it_was_written()
    {
        const int seed = 20;
        var random = new Random(seed);
        for (var i = 0; i < 10_000; i++)
        {
            var duration = new Duration(random.NextInt64(0, 1L << random.Next(1, 62)));
            Assert.True(duration == Duration.Parse(duration.ToString()), $"seed {seed}: {duration.Nanoseconds} ns, {duration}");
        }
    }

    [Fact]
    public void Rounding_keeps_three_digits() => Assert.Equal("12.3ms", Duration.FromSecondsRounded(0.012_345_678).ToString());
}
