using InferenceOperator.Core.Simulation;
using InferenceOperator.Core.Simulation.Arrivals;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Simulation;

public sealed class ArrivalTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Gaps_have_the_mean_and_the_variation_asked_for(double variation)
    {
        var gaps = Gaps(new RenewalArrivals(RateProfile.Constant(100, 40_000, variation), 7)).ToList();

        var mean = gaps.Average();
        var found = Math.Sqrt(gaps.Average(g => (g - mean) * (g - mean))) / mean;
        output.WriteLine($"seed 7: {gaps.Count} gaps, mean {mean}, variation {found}");
        Assert.InRange(mean, 0.0099, 0.0101);
        Assert.InRange(found / variation, 0.98, 1.02);
    }

    [Fact]
    public void A_changing_rate_gives_the_requests_it_says_in_every_part()
    {
        var profile = new RateProfile([new(100, 50, 50, 1), new(100, 0, 0, 1), new(100, 0, 200, 1), new(100, 200, 20, 2), new(50, 300, 300, 3)]);
        var arrivals = new RenewalArrivals(profile, 8);
        var counts = new int[45];
        for (var at = arrivals.Next(); !double.IsInfinity(at); at = arrivals.Next())
        {
            counts[(int)(at / 10)]++;
        }

        output.WriteLine($"seed 8: {string.Join(' ', counts)}");
        Assert.InRange(counts[..10].Sum(), 4_700, 5_300);
        Assert.Equal(0, counts[10..20].Sum());
        Assert.InRange(counts[20..25].Sum(), 2_300, 2_700);
        Assert.InRange(counts[25..30].Sum(), 7_200, 7_800);
        Assert.InRange(counts[30..40].Sum(), 10_500, 11_500);
        Assert.InRange(counts[40..].Sum(), 14_000, 16_000);
        Assert.Equal(41_000.0, profile.MeanRate() * profile.Seconds, 3);
    }

    [Fact]
    public void A_profile_knows_its_rates_and_peaks()
    {
        var profile = new RateProfile([new(100, 50, 50, 1), new(100, 0, 200, 1), new(100, 20, 20, 1)]);

        Assert.Equal(new[] { 50.0, 50, 0, 100, 20, 0 }, new[] { 0.0, 99, 100, 150, 200, 300 }.Select(profile.RateAt));
        Assert.Equal(50, profile.PeakBetween(0, 99));
        Assert.Equal(150, profile.PeakBetween(110, 175));
        Assert.Equal(200, profile.PeakBetween(0, 300));
        Assert.Equal(200, profile.PeakBetween(150, 200));
        var part = profile.Part(50, 150, 2);
        Assert.Equal((100, 100, 200), (part.Seconds, part.RateAt(0), part.RateAt(100 - 1e-9)), new Near());
    }

    [Fact]
    public void A_square_wave_is_low_and_high_by_turns()
    {
        var wave = RateProfile.Square(10, 40, 60, 150);

        Assert.Equal([10, 40, 10, 40, 10], wave.Segments.Select(s => s.FromRate));
        Assert.Equal(150, wave.Seconds);
    }

    [Fact]
    public void A_recording_is_replayed_as_it_is()
    {
        var recording = new Recording([0, 0.5, 0.5, 12, 25]);

        Assert.Equal(new[] { 0.5, 0, 11.5, 13 }, Gaps(new RecordedArrivals(recording)));
        Assert.Equal((0.3, 0.1, 0.3), (recording.RateAt(9), recording.RateAt(11), recording.PeakBetween(0, 20)), new Near());
        Assert.Throws<ArgumentException>(static () => new Recording([2, 1]));
    }

    [Fact]
    public void Normal_draws_have_mean_zero_and_variance_one_and_depend_on_seed_purpose_and_key_alone()
    {
        var draws = Enumerable.Range(0, 200_000).Select(k => Draws.NormalAt(9, DrawPurpose.Service, (ulong)k)).ToList();

        Assert.InRange(draws.Average(), -0.01, 0.01);
        Assert.InRange(draws.Average(d => d * d), 0.99, 1.01);
        Assert.InRange(draws.Count(d => d > 2.326) / 2000.0, 0.95, 1.05);
        Assert.Equal(draws[77], Draws.NormalAt(9, DrawPurpose.Service, 77));
        Assert.NotEqual(draws[77], Draws.NormalAt(9, DrawPurpose.MetricNoise, 77));
        Assert.NotEqual(draws[77], Draws.NormalAt(10, DrawPurpose.Service, 77));
    }

    private static IEnumerable<double> Gaps(ArrivalProcess arrivals)
    {
        var last = arrivals.Next();
        for (var at = arrivals.Next(); !double.IsInfinity(at); at = arrivals.Next())
        {
            yield return at - last;
            last = at;
        }
    }

    private sealed class Near : IEqualityComparer<(double, double, double)>
    {
        public bool Equals((double, double, double) x, (double, double, double) y) =>
            Math.Abs(x.Item1 - y.Item1) + Math.Abs(x.Item2 - y.Item2) + Math.Abs(x.Item3 - y.Item3) < 1e-5;

        public int GetHashCode((double, double, double) x) => 0;
    }
}
