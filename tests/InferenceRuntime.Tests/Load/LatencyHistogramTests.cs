using InferenceRuntime.Load;

namespace InferenceRuntime.Tests.Load;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    [InlineData(0.999)]
    public void A_quantile_is_within_one_percent_of_the_exact_one(double quantile)
    {
        const int Seed = 7;
        var random = new Random(Seed);
        var histogram = new LatencyHistogram();
        var exact = new List<double>();
        for (var i = 0; i < 20_000; i++)
        {
            var microseconds = Math.Floor(Math.Exp(random.NextDouble() * 16));   // 1 µs to 8.9 s
            exact.Add(microseconds);
            histogram.Record(TimeSpan.FromMicroseconds(microseconds));
        }

        exact.Sort();
        var expected = exact[(int)Math.Ceiling(quantile * exact.Count) - 1];

        Assert.InRange(histogram.Quantile(quantile).TotalMicroseconds, expected, expected * 1.01);
    }

    [Fact]
    public void The_largest_and_the_mean_are_exact()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromMicroseconds(1_000_001));
        histogram.Record(TimeSpan.FromMicroseconds(3));

        Assert.Equal(TimeSpan.FromMicroseconds(1_000_001), histogram.Max);
        Assert.Equal(TimeSpan.FromMicroseconds(500_002), histogram.Mean);
        Assert.Equal(TimeSpan.FromMicroseconds(1_000_001), histogram.Quantile(1));
    }

    [Fact]
    public void Two_histograms_add_up_to_what_one_would_have_counted()
    {
        var both = new LatencyHistogram();
        var first = new LatencyHistogram();
        var second = new LatencyHistogram();
        for (var i = 1; i <= 1000; i++)
        {
            var duration = TimeSpan.FromMicroseconds(i * 37);
            both.Record(duration);
            (i % 3 == 0 ? first : second).Record(duration);
        }

        first.Add(second);

        Assert.Equal(both.Count, first.Count);
        Assert.Equal(both.Quantile(0.99), first.Quantile(0.99));
        Assert.Equal(both.Max, first.Max);
        Assert.Equal(both.Mean, first.Mean);
    }

    [Fact]
    public void An_empty_histogram_answers_zero()
    {
        var histogram = new LatencyHistogram();

        Assert.Equal(TimeSpan.Zero, histogram.Quantile(0.99));
        Assert.Equal(TimeSpan.Zero, histogram.Mean);
    }
}
