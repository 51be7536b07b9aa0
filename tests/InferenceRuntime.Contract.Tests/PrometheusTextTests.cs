using System.Buffers;
using System.Text;

namespace InferenceRuntime.Contract.Tests;

public sealed class PrometheusTextTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        var text = Write([new("agent", "a\\b\"c\nd"), new("model", "m")], static writer =>
        {
            writer.Begin("jobs_total", PrometheusMetricType.Counter, "Jobs.\nBack\\slash.");
            writer.Sample("outcome", "answered", 3);
            writer.Begin("level", PrometheusMetricType.Gauge, "Level.");
            writer.Sample(-0.1);
        });

        var samples = PrometheusTextParser.Parse(text);

        Assert.StartsWith("# HELP jobs_total Jobs.\\nBack\\\\slash.\n# TYPE jobs_total counter\njobs_total{", text, StringComparison.Ordinal);
        Assert.Equal(["jobs_total", "level"], samples.Select(static s => s.Name));
        Assert.Equal("a\\b\"c\nd", samples[0].Label("agent"));
        Assert.Equal("answered", samples[0].Label("outcome"));
        Assert.Null(samples[1].Label("outcome"));
        Assert.Equal([3, -0.1], samples.Select(static s => s.Value));
    }

    [Fact]
    public void A_histogram_is_cumulative_and_ends_with_infinity()
    {
        var text = Write([], static writer =>
        {
            writer.Begin("seconds", PrometheusMetricType.Histogram, "Seconds.");
            writer.Histogram([0.1, 2], [1, 2, 4], sum: 9.5);
        });

        Assert.Equal(
            """
            # HELP seconds Seconds.
            # TYPE seconds histogram
            seconds_bucket{le="0.1"} 1
            seconds_bucket{le="2"} 3
            seconds_bucket{le="+Inf"} 7
            seconds_sum 9.5
            seconds_count 7

            """,
            text);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(1e300, "1E+300")]
    [InlineData(0.1, "0.1")]
    [InlineData(12345678901, "12345678901")]
    public void Numbers_are_written_so_that_they_read_back(double value, string written)
    {
        var text = Write([], writer =>
        {
            writer.Begin("x", PrometheusMetricType.Gauge, "X.");
            writer.Sample(value);
        });

        Assert.EndsWith($"\nx {written}\n", text, StringComparison.Ordinal);
        Assert.Equal(value, Assert.Single(PrometheusTextParser.Parse(text)).Value);
    }

    [Fact]
    public void Comments_blank_lines_and_timestamps_are_passed_over()
    {
        var samples = PrometheusTextParser.Parse("# HELP a A.\n\r\n# anything\n  a { x = \"1\" , y=\"\\\\\\n\" , } 4 -1700000000000\r\nb:c\t7\n");

        Assert.Equal(["a", "b:c"], samples.Select(static s => s.Name));
        Assert.Equal("\\\n", samples[0].Label("y"));
        Assert.Equal([4, 7], samples.Select(static s => s.Value));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a ")]
    [InlineData("a b")]
    [InlineData("1a 2")]
    [InlineData("a-b 2")]
    [InlineData("{x=\"1\"} 2")]
    [InlineData("a{x} 2")]
    [InlineData("a{=\"1\"} 2")]
    [InlineData("a{1x=\"1\"} 2")]
    [InlineData("a{x=1} 2")]
    [InlineData("a{x=\"1} 2")]
    [InlineData("a{x=\"1\\")]
    [InlineData("a{x=\"1\"")]
    [InlineData("a{x=\"1\" y=\"2\"} 2")]
    [InlineData("a{x=\"1\",x=\"2\"} 2")]
    [InlineData("a{x=\"1\"}")]
    [InlineData("a 1 then")]
    [InlineData("a 1 2 3")]
    public void A_malformed_line_is_named(string line)
    {
        var fault = Assert.Throws<FormatException>(() => PrometheusTextParser.Parse($"ok 1\n{line}\n"));

        Assert.StartsWith("line 2: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_and_labels_are_bounded()
    {
        var labels = string.Join(',', Enumerable.Range(0, PrometheusTextParser.LabelsMax + 1).Select(static i => $"l{i}=\"\""));

        Assert.Throws<FormatException>(() => PrometheusTextParser.Parse($"a{{{labels}}} 1"));
        Assert.Throws<FormatException>(() => PrometheusTextParser.Parse(new string('\n', PrometheusTextParser.LinesMax + 1)));
    }

    private static string Write(IReadOnlyList<KeyValuePair<string, string>> labels, Action<PrometheusTextWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new PrometheusTextWriter(output, labels));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
