using InferenceRuntime.Core.Batching;

namespace InferenceRuntime.Core.Tests.Batching;

public sealed class ServiceTimeEstimateTests
{
    [Fact]
    public void Before_the_first_execution_nothing_is_expected()
    {
        var estimate = new ServiceTimeEstimate();

        Assert.Equal(0, estimate.For(8));
        Assert.Null(estimate.PerRow);
    }

    [Fact]
    public void Different_sizes_give_the_line_through_them()
    {
        var estimate = new ServiceTimeEstimate();
        foreach (var rows in new[] { 1, 2, 4, 8, 16, 3, 5 })
        {
            estimate.Add(rows, 1000 + (200 * rows));
        }

        Assert.InRange(estimate.For(1), 1199, 1201);
        Assert.InRange(estimate.For(32), 7398, 7402);
    }

    [Fact]
    public void One_size_alone_is_scaled_up_but_never_down()
    {
        var estimate = new ServiceTimeEstimate();
        estimate.Add(4, 400);

        Assert.Equal(400, estimate.For(1));
        Assert.Equal(800, estimate.For(8));
        Assert.Equal(100, estimate.PerRow);
    }

    [Fact]
    public void Old_executions_are_forgotten()
    {
        var estimate = new ServiceTimeEstimate();
        for (var i = 0; i < 500; i++)
        {
            estimate.Add(1 + (i % 4), 100_000);
        }

        for (var i = 0; i < 1000; i++)
        {
            estimate.Add(1 + (i % 4), 1000);
        }

        Assert.InRange(estimate.For(2), 990, 1010);
    }

    [Fact]
    public void Noise_never_makes_an_estimate_negative()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        var estimate = new ServiceTimeEstimate();
        for (var i = 0; i < 1000; i++)
        {
            estimate.Add(1 + random.Next(32), random.Next(1000));
            Assert.True(estimate.For(1) >= 0 && estimate.For(1000) >= 0, $"seed {Seed}, step {i}");
        }
    }
}
