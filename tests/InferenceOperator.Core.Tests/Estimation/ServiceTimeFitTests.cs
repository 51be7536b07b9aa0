using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Observation;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Estimation;

public sealed class ServiceTimeFitTests(ITestOutputHelper output)
{
    [Fact]
    public void Nothing_is_known_before_the_first_executions() => Assert.Null(new ServiceTimeFit().Known);

    [Fact]
    public void Varied_batches_identify_both_parts()
    {
        var fit = new ServiceTimeFit();
        foreach (var mean in new[] { 2, 8, 20 })
        {
            fit.Add(Executions(seed: mean, count: 200, mean, 0.006, 0.0005, noise: 0.05), 32);
        }

        var line = Assert.IsType<ServiceTime.Fitted>(fit.Known);
        Assert.InRange(line.Fixed, 0.0057, 0.0063);
        Assert.InRange(line.PerRow, 0.00047, 0.00053);
        Assert.InRange(line.RelativeNoise, 0.03, 0.07);
    }

    [Fact]
    public void Equal_batches_leave_one_honest_point()
    {
        var fit = new ServiceTimeFit();
        fit.Add(Executions(seed: 1, count: 500, mean: 1, 0.006, 0.0005, noise: 0.05), 1);

        var point = Assert.IsType<ServiceTime.OnePoint>(fit.Known);
        Assert.InRange(point.Seconds, 0.0063, 0.0067);
        Assert.Equal(point.Seconds, point.Upper(1));
        Assert.Equal(16 * point.Seconds, point.Upper(16), 9);
        Assert.False(fit.ToStatus()!.Identified);
    }

    [Fact]
    public void Neither_part_is_ever_negative()
    {
        const int seed = 30;
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var fit = new ServiceTimeFit();
            for (var k = 0; k < 4; k++)
            {
                fit.Add(Executions(random.Next(), random.Next(1, 200), random.Next(1, 64), random.NextDouble() * 0.01, random.NextDouble() * 0.001, random.NextDouble()), 64);
                Assert.True(fit.Known is not ServiceTime.Fitted line || line is { Fixed: >= 0, PerRow: >= 0 }, $"seed {seed}");
                Assert.True(fit.Known is null || fit.Known.Upper(1) > 0, $"seed {seed}");
                Assert.True(fit.Known is null || fit.Known.Upper(64) >= fit.Known.Upper(1), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void An_hour_of_single_rows_does_not_wipe_out_what_is_known_of_full_batches()
    {
        var fit = new ServiceTimeFit();
        fit.Add(Executions(1, 300, 4, 0.006, 0.0005, 0.05), 8);
        fit.Add(Executions(2, 300, 30, 0.006, 0.0005, 0.05), 32);
        for (var i = 0; i < 720; i++)
        {
            fit.Add(Executions(i + 3, 250, 1, 0.006, 0.0005, 0.05), 1);
        }

        var line = Assert.IsType<ServiceTime.Fitted>(fit.Known);
        Assert.InRange(line.Upper(32), 0.021, 0.023);
        Assert.Equal(32, fit.LargestBatch);
    }

    [Fact]
    public void A_model_that_becomes_half_as_fast_again_is_followed_within_a_few_steps()
    {
        var fit = new ServiceTimeFit();
        foreach (var mean in new[] { 2, 8, 20, 8, 20 })
        {
            fit.Add(Executions(mean, 300, mean, 0.006, 0.0005, 0.05), 32);
        }

        var drifted = false;
        for (var i = 0; i < 4; i++)
        {
            fit.Add(Executions(i, 300, 8, 0.009, 0.00075, 0.05), 32);
            drifted |= fit.Drifted;
        }

        Assert.True(drifted);
        Assert.InRange(fit.Known!.Upper(32), 0.95 * 0.033, 1.05 * 0.033);
    }

    [Fact]
    public void A_single_outlier_is_no_drift()
    {
        var fit = new ServiceTimeFit();
        foreach (var mean in new[] { 2, 8, 20 })
        {
            fit.Add(Executions(mean, 300, mean, 0.006, 0.0005, 0.05), 32);
        }

        fit.Add(Executions(4, 100, 8, 0.012, 0.001, 0.05), 32);

        Assert.False(fit.Drifted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void After_a_step_by_half_the_curve_is_right_within_three_steps_also_where_nothing_was_measured_since(int seed)
    {
        var random = new Random(seed);
        var fit = new ServiceTimeFit();
        for (var i = 0; i < 100; i++)
        {
            fit.Add(Executions(random.Next(), 300, random.Next(2, 24), 0.006, 0.0005, 0.05), 32);
        }

        var steady = Off(fit, 32, 0.022);
        for (var i = 0; i < 3; i++)
        {
            fit.Add(Executions(random.Next(), 300, 8, 0.009, 0.00075, 0.05), 32);
        }

        output.WriteLine($"seed {seed}: s(32) off by {steady:0.00%} before; after three steps s(8) by {Off(fit, 8, 0.015):0.00%}, s(32) by {Off(fit, 32, 0.033):0.00%}");
        Assert.True(steady < 0.005);
        Assert.True(Off(fit, 8, 0.015) < 0.005);
        Assert.True(Off(fit, 32, 0.033) < 0.014);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Single_executions_of_which_some_take_many_times_as_long_do_not_bend_the_curve(int seed)
    {
        var random = new Random(seed);
        var fit = new ServiceTimeFit();
        for (var i = 0; i < 2000; i++)
        {
            var slow = random.NextDouble() < 0.02 ? random.Next(2) == 0 ? 3 : 10 : 1;
            fit.Add(Executions(random.Next(), 1, random.Next(2, 24), 0.006 * slow, 0.0005 * slow, 0.05), 32);
        }

        output.WriteLine($"seed {seed}: s(32) off by {Off(fit, 32, 0.022):0.00%}, noise {fit.Known!.RelativeNoise:0.000}");
        Assert.True(Off(fit, 32, 0.022) < 0.03);
        Assert.True(fit.Known!.RelativeNoise < 0.12);
    }

    [Fact]
    public void A_step_that_lies_far_off_hardly_counts()
    {
        var fit = new ServiceTimeFit();
        foreach (var mean in new[] { 2, 8, 20 })
        {
            fit.Add(Executions(mean, 300, mean, 0.006, 0.0005, 0.05), 32);
        }

        fit.Add(Executions(4, 100, 8, 0.060, 0.005, 0.05), 32);

        Assert.True(Off(fit, 8, 0.010) < 0.05, $"{fit.Known!.Mean(8)}");
    }

    [Fact]
    public void A_curve_of_steps_is_followed_by_a_table_and_never_falls()
    {
        static double Stepped(int rows) => rows <= 8 ? 0.010 : rows <= 16 ? 0.030 : 0.031;
        var random = new Random(6);
        var fit = new ServiceTimeFit();
        for (var i = 0; i < 60; i++)
        {
            var sums = default(ExecutionSums);
            for (var k = 0; k < 100; k++)
            {
                var (b, noise) = ((1 << (i % 6)) + random.Next(0, 1 << (i % 6)) / 2, 1 + (0.04 * (random.NextDouble() - 0.5)));
                var s = Stepped(b) * noise;
                sums += new ExecutionSums(1, b, (double)b * b, s, b * s, s * s);
            }

            fit.Add(sums, 47);
        }

        var table = Assert.IsType<ServiceTime.Table>(fit.Known);
        output.WriteLine($"seed 6: {string.Join(", ", table.Points.Select(p => $"{p.Rows:0.0}: {p.Seconds * 1e3:0.0} ms"))}; noise {table.RelativeNoise:0.000}");
        Assert.InRange(table.Mean(4), 0.0095, 0.0105);
        Assert.InRange(table.Mean(20), 0.029, 0.032);
        Assert.InRange(table.Mean(40), 0.029, 0.034);
        for (var b = 1; b < 64; b++)
        {
            Assert.True(table.Mean(b + 1) >= table.Mean(b), $"{b}");
            Assert.True(table.Upper(b) >= table.Mean(b), $"{b}");
        }
    }

    [Fact]
    public void What_status_keeps_brings_the_fit_back()
    {
        var fit = new ServiceTimeFit();
        foreach (var mean in new[] { 2, 8, 20 })
        {
            fit.Add(Executions(mean, 300, mean, 0.006, 0.0005, 0.05), 32);
        }

        var again = new ServiceTimeFit();
        again.Restore(fit.ToStatus()!);

        Assert.IsType<ServiceTime.Fitted>(again.Known);
        Assert.InRange(again.Known!.Upper(32) / fit.Known!.Upper(32), 0.97, 1.03);
        Assert.Equal(32, again.LargestBatch);
    }

    [Fact]
    public void A_damaged_status_brings_nothing_back_and_does_no_harm()
    {
        var fit = new ServiceTimeFit();
        fit.Restore(new Core.Resource.FitStatus { MeanBatch = "many", Executions = 10 });
        Assert.Null(fit.Known);
    }

    private static double Off(ServiceTimeFit fit, double rows, double seconds) => Math.Abs((fit.Known!.Mean(rows) / seconds) - 1);

    private static ExecutionSums Executions(int seed, int count, int mean, double a, double m, double noise)
    {
        var random = new Random(seed);
        var sums = default(ExecutionSums);
        for (var i = 0; i < count; i++)
        {
            var b = mean == 1 ? 1 : random.Next(Math.Max(1, mean / 2), (mean * 3 / 2) + 1);
            var s = (a + (m * b)) * Math.Max(0.1, 1 + (noise * ((2 * random.NextDouble()) - 1) * Math.Sqrt(3)));
            sums += new ExecutionSums(1, b, (double)b * b, s, b * s, s * s);
        }

        return sums;
    }
}
