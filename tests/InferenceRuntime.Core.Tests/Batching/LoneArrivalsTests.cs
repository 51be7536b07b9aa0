using InferenceRuntime.Core.Batching;

namespace InferenceRuntime.Core.Tests.Batching;

public sealed class LoneArrivalsTests
{
    private readonly LoneArrivals _arrivals = new();

    [Fact]
    public void Requests_come_alone_once_a_streak_of_executions_had_one_each()
    {
        for (var i = 0; i < LoneArrivals.StreakMin; i++)
        {
            Assert.False(_arrivals.AreUsual);
            _arrivals.Note(requests: 1, waiting: 0);
        }

        Assert.True(_arrivals.AreUsual);
        _arrivals.Note(requests: 1, waiting: 0);
        Assert.True(_arrivals.AreUsual);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    public void Company_in_the_batch_or_behind_it_ends_that_for_a_whole_streak(int requests, int waiting)
    {
        Alone(LoneArrivals.StreakMin);

        _arrivals.Note(requests, waiting);

        Assert.False(_arrivals.AreUsual);
        Alone(LoneArrivals.StreakMin - 1);
        Assert.False(_arrivals.AreUsual);
        Alone(1);
        Assert.True(_arrivals.AreUsual);
    }

    private void Alone(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _arrivals.Note(requests: 1, waiting: 0);
        }
    }
}
