using InferenceRuntime.Load;

namespace InferenceRuntime.Tests.Load;

public sealed class LoadPhaseTests
{
    [Fact]
    public void Phases_are_read_in_the_order_they_stand()
    {
        var phases = LoadPhase.TryParse("400:10s,2800:1.5m", out var error);

        Assert.Null(error);
        Assert.Equal([new LoadPhase(400, TimeSpan.FromSeconds(10)), new LoadPhase(2800, TimeSpan.FromSeconds(90))], phases!);
    }

    [Fact]
    public void A_rate_may_climb_or_fall_evenly_over_its_phase()
    {
        var phase = Assert.Single(LoadPhase.TryParse("400-1400:10s", out _)!);

        Assert.Equal(400, phase.RateAt(TimeSpan.Zero));
        Assert.Equal(900, phase.RateAt(TimeSpan.FromSeconds(5)));
        Assert.Equal(1400, phase.RateAt(TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("400")]
    [InlineData("400:")]
    [InlineData("400:10")]
    [InlineData("0:10s")]
    [InlineData("-1:10s")]
    [InlineData("NaN:10s")]
    [InlineData("1:0s")]
    [InlineData("1:10s,")]
    [InlineData("1-:10s")]
    [InlineData("-2:10s")]
    [InlineData("1-2-3:10s")]
    [InlineData("1-0:10s")]
    public void A_malformed_phase_is_named(string text)
    {
        var phases = LoadPhase.TryParse(text, out var error);

        Assert.Null(phases);
        Assert.Contains("RATE:DURATION", error, StringComparison.Ordinal);
    }
}
