using System.Buffers;
using System.Reflection;
using System.Text;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Comparing;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Observability;
using InferenceRuntime.Shadowing;
using InferenceRuntime.Telemetry;

namespace InferenceRuntime.Tests.Observability;

public sealed class MetricsPageTests
{
    private static readonly MetricsReading Reading = new(
        new RequestSnapshot(
            [10, 1, 2, 3, 4, 5, 6],
            [.. Enumerable.Range(0, MetricBuckets.Seconds.Count + 1).Select(static i => (long)(i == 9 ? 8 : i == 26 ? 2 : 0))],
            TimeSpan.FromSeconds(60.5),
            [new SloCount(0.05, 21, 8), new SloCount(0.1, 3, 2)],
            InFlight: 7),
        new EngineSnapshot(
            new ExecutionSums(4, 10, 30, 0.5, 1.25, 0.0625),
            [1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            new ArrivalSums(600, 31, 77, 40),
            new PhaseSums(10, 30, 20, 10, 0.5),
            new QueueDepth(3, 5, 1280))
        {
            Terminations = 6,
            OutOfMemory = 8,
            Variants =
            [
                new VariantCount("full", 30, new ExecutionSums(3, 7, 21, 0.4, 1, 0.0525)) { Placement = new("CUDAExecutionProvider", 0.875, 0.98) },
                new VariantCount("int8", 10, new ExecutionSums(1, 3, 9, 0.1, 0.25, 0.01)) { Placement = new("TensorrtExecutionProvider", 1, null) },
            ],
        },
        new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 16, MaxDelayMs = 2.5 } },
        Ready: true,
        TimeSpan.FromSeconds(1.5),
        new ProcessFacts(12.25, 104_857_600, new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)),
        new CacheSnapshot(Hits: 70, Joined: 5, Misses: 25, Bypassed: 2, Evictions: 6, SecondsSaved: 1.25, Entries: 19, Bytes: 65536))
    {
        Shadow = new ShadowSnapshot(new RowAgreement(96, 3, 1), Sent: 40, Dropped: 4, Failed: 2),
        Spans = new SpanCounts(Exported: 1200, DroppedFull: 30, DroppedUndelivered: 4),
    };

    [Fact]
    public void The_page_is_exactly_the_one_on_file() => Golden.AssertEqual("metrics.txt", Write(Reading));

    [Fact]
    public void Every_name_of_the_contract_is_there_with_help_and_type_and_counters_end_in_total()
    {
        var text = Write(Reading);
        var names = typeof(MetricNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static f => (string)f.GetValue(null)!).ToList();
        var types = text.Split('\n').Where(static l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static l => l.Split(' ')).ToDictionary(static l => l[2], static l => l[3]);

        Assert.Equal(names.Order(), types.Keys.Order());
        Assert.All(types, static t => Assert.Equal(t.Value == "counter", t.Key.EndsWith("_total", StringComparison.Ordinal)));
        Assert.All(names, name => Assert.Contains($"# HELP {name} ", text, StringComparison.Ordinal));
        Assert.DoesNotContain("# HELP", text.Split("\n# TYPE")[^1], StringComparison.Ordinal);
        foreach (var sample in PrometheusTextParser.Parse(text))
        {
            Assert.Equal("ranker", sample.Label(MetricLabels.Agent));
            Assert.Equal("ads", sample.Label(MetricLabels.AgentNamespace));
            Assert.Equal("ranker-0", sample.Label(MetricLabels.Replica));
            Assert.Equal("ctr", sample.Label(MetricLabels.Model));
        }
    }

    [Fact]
    public void No_series_stands_twice()
    {
        var series = PrometheusTextParser.Parse(Write(Reading)).Select(static s => $"{s.Name}{{{string.Join(',', s.Labels)}}}").ToList();

        Assert.Equal(series.Distinct().Count(), series.Count);
    }

    [Fact]
    public void The_phases_add_up_to_the_latency()
    {
        var samples = PrometheusTextParser.Parse(Write(Reading));

        Assert.Equal(
            samples.Single(static s => s.Name == MetricNames.RequestSeconds + "_sum").Value,
            samples.Where(static s => s.Name == MetricNames.PhaseSecondsTotal).Sum(static s => s.Value));
    }

    [Fact]
    public void Before_the_model_is_loaded_there_is_no_engine_and_no_start_up_time()
    {
        var names = PrometheusTextParser.Parse(Write(Reading with { Engine = null, Cache = null, Ready = false, StartUp = null })).Select(static s => s.Name).ToHashSet();

        Assert.DoesNotContain(MetricNames.ExecutionsTotal, names);
        Assert.DoesNotContain(MetricNames.StartUpSeconds, names);
        Assert.Contains(MetricNames.Ready, names);
    }

    [Fact]
    public void Models_that_are_counted_apart_share_each_family_and_differ_in_their_label()
    {
        var page = Write(
            Reading with
            {
                Engine = null,
                Cache = null,
                Models = [new ModelReading("a", Reading.Requests, Reading.Engine, Reading.Cache), new ModelReading("b", Reading.Requests, Engine: null, Cache: null)],
            },
            []);
        var samples = PrometheusTextParser.Parse(page);
        var families = page.Split('\n').Where(static l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).ToList();

        Assert.Equal(families.Distinct().Count(), families.Count);
        Assert.Equal([null, "a", "b"], samples.Where(static s => s.Name == MetricNames.RequestSeconds + "_count").Select(static s => s.Label(MetricLabels.Model)));
        Assert.Equal(["a"], samples.Where(static s => s.Name == MetricNames.ExecutionsTotal).Select(static s => s.Label(MetricLabels.Model)));
        Assert.Equal(["a"], samples.Where(static s => s.Name == MetricNames.CacheHitsTotal).Select(static s => s.Label(MetricLabels.Model)));
        Assert.Single(samples, static s => s.Name == MetricNames.RequestsInFlight);
    }

    private static string Write(MetricsReading reading) => Write(
        reading,
        [
            new(MetricLabels.Agent, "ranker"), new(MetricLabels.AgentNamespace, "ads"), new(MetricLabels.Replica, "ranker-0"), new(MetricLabels.Model, "ctr"),
        ]);

    private static string Write(MetricsReading reading, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsPage(labels).Write(reading, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
