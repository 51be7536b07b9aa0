using InferenceOperator.Core.Simulation.Policies;

namespace InferenceOperator.Core.Tests.Simulation.Policies;

public sealed class KpaScalerTests
{
    [Fact]
    public void In_the_stable_mode_the_minute_decides()
    {
        var scaler = new KpaScaler(target: 70, startsInPanic: false);

        Assert.Equal(3, scaler.Scale(stable: 150, panic: 200, ready: 2, now: 2));
        Assert.False(scaler.IsPanicking);
    }

    [Fact]
    public void Down_it_at_most_halves()
    {
        var scaler = new KpaScaler(70, false);

        Assert.Equal(5, scaler.Scale(70, 70, ready: 10, now: 2));
        Assert.Equal(2, scaler.Scale(70, 70, ready: 5, now: 4));
    }

    [Fact]
    public void Twice_what_is_ready_within_six_seconds_is_panic_in_which_nothing_goes_down()
    {
        var scaler = new KpaScaler(70, false);

        Assert.Equal(5, scaler.Scale(stable: 100, panic: 350, ready: 2, now: 2));
        Assert.True(scaler.IsPanicking);
        Assert.Equal(5, scaler.Scale(100, 60, 5, 4));
        Assert.Equal(7, scaler.Scale(490, 60, 5, 6));
        Assert.Equal(7, scaler.Scale(60, 60, 7, 62));
        Assert.Equal(3, scaler.Scale(60, 60, 7, 62.5));
        Assert.False(scaler.IsPanicking);
    }

    [Fact]
    public void Being_over_the_threshold_again_prolongs_the_panic()
    {
        var scaler = new KpaScaler(70, false);
        scaler.Scale(100, 350, 2, 2);
        scaler.Scale(100, 350, 2, 40);

        Assert.Equal(5, scaler.Scale(60, 60, 5, 99));
        Assert.True(scaler.IsPanicking);
        scaler.Scale(60, 60, 5, 101);
        Assert.False(scaler.IsPanicking);
    }

    [Fact]
    public void With_several_replicas_it_begins_in_panic()
    {
        var scaler = new KpaScaler(70, startsInPanic: true);

        Assert.Equal(4, scaler.Scale(280, 280, 4, 2));
        Assert.Equal(4, scaler.Scale(70, 70, 4, 30));
        Assert.True(scaler.IsPanicking);
    }
}
