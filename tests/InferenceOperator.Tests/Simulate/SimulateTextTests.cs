using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Simulate;

namespace InferenceOperator.Tests.Simulate;

/// <summary>What the options and trace files of <c>simulate</c> may say.</summary>
public sealed class SimulateTextTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simulate-text-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_trace_of_windows_is_read_with_its_rates_and_bounded_variations()
    {
        var trace = Assert.IsType<Workload.Drawn>(TraceFile.Read(Repository.File("tests", "Benchmarks", "traces", "servegen-m-small-600s.csv"), 1, 1, null));

        Assert.Equal(14 * 86_400.0, trace.Seconds);
        Assert.InRange(trace.MeanRate(), 1_170, 1_180);
        Assert.InRange(trace.PeakBetween(0, trace.Seconds), 3_870, 3_890);
        Assert.All(trace.Profile.Segments, s => Assert.InRange(s.Variation, 0.1, 5));
    }

    [Fact]
    public void A_trace_of_single_arrivals_is_read_and_made_faster()
    {
        var path = Repository.File("tests", "Benchmarks", "traces", "azure-llm-2023-conversation.csv");

        var trace = Assert.IsType<Workload.Replayed>(TraceFile.Read(path, 20, 1, null));

        Assert.Equal(19_366, trace.Recording.Times.Length);
        Assert.InRange(trace.Seconds, 3_501.0 / 20, 3_504.0 / 20);
        Assert.Contains("--time-scale", Assert.Throws<FormatException>(() => TraceFile.Read(path, 1, 2, null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,2", ":1: the header")]
    [InlineData("window_start_s,rate_per_s,cv\n0,5,1\n600,x,1", ":3: '600,x,1'")]
    [InlineData("window_start_s,rate_per_s,cv\n600,5,1\n0,5,1", ":3: '0,5,1'")]
    [InlineData("window_start_s,rate_per_s,cv\n0,5,1", "at least two windows")]
    [InlineData("TIMESTAMP,ContextTokens\n2023-11-16 18:15:46.68,1\nyesterday,1", ":3: 'yesterday'")]
    [InlineData("TIMESTAMP\n2023-11-16 18:15:46\n2023-11-16 18:15:48\n2023-11-16 18:15:47", ":4: ")]
    public void A_broken_trace_is_refused_with_file_and_line(string text, string complaint)
    {
        var path = Path.Combine(_folder, "trace.csv");
        File.WriteAllText(path, text);

        Assert.Contains(path, Assert.Throws<FormatException>(() => TraceFile.Read(path, 1, 1, null)).Message, StringComparison.Ordinal);
        Assert.Contains(complaint, Assert.Throws<FormatException>(() => TraceFile.Read(path, 1, 1, null)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("poisson:100:1h", 3600, 100, 100)]
    [InlineData("gamma:100:4:10m", 600, 100, 100)]
    [InlineData("step:100:400:5m:10m", 600, 100, 400)]
    [InlineData("ramp:0:400:10m", 600, 0, 400)]
    [InlineData("square:10:40:60s:2m", 120, 10, 40)]
    public void Arrivals_are_written_as_kind_and_numbers(string text, double seconds, double first, double peak)
    {
        var profile = ArrivalText.Parse(text, 1);

        Assert.Equal((seconds, first, peak), (profile.Seconds, profile.RateAt(0), profile.PeakBetween(0, seconds)));
    }

    [Theory]
    [InlineData("poisson:100")]
    [InlineData("poisson:x:1h")]
    [InlineData("step:1:2:10m:5m")]
    [InlineData("waves:1:2")]
    public void Other_arrivals_are_refused(string text) =>
        Assert.StartsWith("--arrivals: ", Assert.Throws<FormatException>(() => ArrivalText.Parse(text, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_plant_is_written_in_fields()
    {
        var fit = PlantText.Fit("a=6ms,m=0.5ms,noise=5%,shape=lognormal,burst=2", ["0.7@2h", "1.5@30m"]);
        Assert.Equal((0.006, 0.0005, 0.05, NoiseShape.Lognormal, 2.0), (fit.Fixed, fit.PerRow, fit.Noise, fit.NoiseShape, fit.BurstSpeed));
        Assert.Equal([new Drift(1800, 1.5), new Drift(7200, 0.7)], fit.Drifts.AsEnumerable());

        Assert.Equal(new StartUp.Always(30), PlantText.StartUp("30s"));
        Assert.Equal(22.7, PlantText.StartUp("measured").At(0.5));
        Assert.Equal(42, PlantText.StartUp("p50=20s,p90=42s,p99=50s").At(0.9), 9);

        var crashes = PlantText.WithCrashes(new() { Service = fit }, ["30%@10m", "mtbf=6h"]);
        Assert.Equal((21_600, new NodeLoss(600, 0.3)), (crashes.CrashMeanSeconds, crashes.NodeLosses[0]));

        var metrics = PlantText.Metrics("interval=15s,age=30s,noise=10%,loss=0.5", ["10m+2m"]);
        Assert.Equal((15, 30, 0.1, 0.5, (600.0, 720.0)), (metrics.IntervalSeconds, metrics.AgeSeconds, metrics.Noise, metrics.Loss, metrics.Outages[0]));
    }

    [Theory]
    [InlineData("a=6ms", "lacks a= or m=")]
    [InlineData("a=6ms,m=0.5ms,x=1", "'x=1' is not one of")]
    [InlineData("a=6ms,a=6ms,m=1ms", "'a=6ms' is not one of")]
    [InlineData("a=6,m=0.5ms", "'6' is not a duration")]
    [InlineData("a=0s,m=0s", "not both 0")]
    [InlineData("a=6ms,m=1ms,noise=200%", "'200' is not a number from 0 to 100")]
    public void A_wrong_fit_is_refused_with_the_reason(string text, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<FormatException>(() => PlantText.Fit(text, [])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_part_of_a_workload_begins_at_zero()
    {
        var drawn = WorkloadPart.Of(new Workload.Drawn(RateProfile.Step(1, 5, 100, 200)), 90, 20);
        var replayed = WorkloadPart.Of(new Workload.Replayed(new Recording([0, 5, 6, 20])), 4, 10);

        Assert.Equal((20, 1, 5), (drawn.Seconds, drawn.RateAt(9), drawn.RateAt(11)));
        Assert.Equal([1, 2], Assert.IsType<Workload.Replayed>(replayed).Recording.Times.AsEnumerable());
        Assert.Throws<FormatException>(() => WorkloadPart.Of(drawn, 20, 1));
    }
}
