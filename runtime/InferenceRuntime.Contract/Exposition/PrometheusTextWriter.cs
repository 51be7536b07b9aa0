using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace InferenceRuntime.Contract;

/// <summary>Writes the Prometheus text exposition format 0.0.4, UTF-8, one family after another.</summary>
/// <param name="output">Receives the text. The writer holds nothing back.</param>
/// <param name="constantLabels">Labels that stand first on every sample; names as in <see cref="MetricLabels"/>.</param>
/// <remarks>
/// A family is begun once and followed by all of its samples. Label names must already be legal
/// (<c>[a-zA-Z_][a-zA-Z0-9_]*</c>); values are escaped here. Not thread safe.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/.
/// </remarks>
public sealed class PrometheusTextWriter(IBufferWriter<byte> output, IReadOnlyList<KeyValuePair<string, string>> constantLabels)
{
    /// <summary>The content type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Longest shortest-round-trip form of a double, with room to spare.</summary>
    private const int NumberLengthMax = 32;

    private readonly byte[] _constantLabels = Encode(constantLabels);
    private string _family = "";

    /// <summary>Begins a family: its HELP and TYPE lines. The help is one sentence; line feeds and backslashes are escaped.</summary>
    public void Begin(string name, PrometheusMetricType type, string help)
    {
        _family = name;
        Write("# HELP ");
        Write(name);
        Write(" ");
        Write(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
        Write("\n# TYPE ");
        Write(name);
        Write(type switch
        {
            PrometheusMetricType.Counter => " counter\n",
            PrometheusMetricType.Gauge => " gauge\n",
            PrometheusMetricType.Histogram => " histogram\n",
            _ => throw new UnreachableException(),
        });
    }

    /// <summary>Goes on with a family that another writer to the same output has begun, with this one's constant labels.</summary>
    public void Continue(string name) => _family = name;

    /// <summary>One sample of the family, with the constant labels only.</summary>
    public void Sample(double value) => Sample("", "", "", value);

    /// <summary>One sample of the family with one more label.</summary>
    public void Sample(string label, string labelValue, double value) => Sample("", label, labelValue, value);

    /// <summary>The buckets, sum and count of the family, which is a histogram.</summary>
    /// <param name="bounds">Upper bounds, ascending, without infinity.</param>
    /// <param name="counts">Observations of each bucket alone, one more than there are bounds: the last is above every bound.</param>
    /// <param name="sum">Sum of all observations.</param>
    public void Histogram(IReadOnlyList<double> bounds, ReadOnlySpan<long> counts, double sum)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Length, bounds.Count + 1);
        var cumulative = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            cumulative += counts[i];
            var bound = i < bounds.Count ? Number(bounds[i]) : "+Inf";
            Sample("_bucket", "le", bound, cumulative);
        }

        Sample("_sum", "", "", sum);
        Sample("_count", "", "", cumulative);
    }

    /// <summary>A number as it stands in label values: shortest form that reads back as the same double.</summary>
    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private void Sample(string suffix, string label, string labelValue, double value)
    {
        Debug.Assert(_family.Length > 0);
        Write(_family);
        Write(suffix);
        if (_constantLabels.Length > 0 || label.Length > 0)
        {
            Write("{");
            output.Write(_constantLabels);
            if (label.Length > 0)
            {
                Write(_constantLabels.Length > 0 ? "," : "");
                Write(label);
                Write("=\"");
                Write(Escape(labelValue));
                Write("\"");
            }

            Write("}");
        }

        Write(" ");
        WriteNumber(value);
        Write("\n");
    }

    private void WriteNumber(double value)
    {
        if (!double.IsFinite(value))
        {
            Write(Number(value));
            return;
        }

        var span = output.GetSpan(NumberLengthMax);
        var formatted = Utf8Formatter.TryFormat(value, span, out var written);
        Debug.Assert(formatted);
        output.Advance(written);
    }

    private void Write(string text)
    {
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }

    private static byte[] Encode(IReadOnlyList<KeyValuePair<string, string>> labels) =>
        Encoding.UTF8.GetBytes(string.Join(',', labels.Select(static l => $"{l.Key}=\"{Escape(l.Value)}\"")));

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
