using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace InferenceRuntime.Contract;

/// <summary>Reads the Prometheus text exposition format 0.0.4. Comments, types and timestamps are passed over.</summary>
/// <remarks>Source: https://prometheus.io/docs/instrumenting/exposition_formats/. Stateless and thread safe.</remarks>
public static class PrometheusTextParser
{
    /// <summary>Most lines that are read; a longer text is refused.</summary>
    public const int LinesMax = 100_000;

    /// <summary>Most labels on one line.</summary>
    public const int LabelsMax = 64;

    /// <exception cref="FormatException">A line is malformed, or there are too many; the message names the line.</exception>
    public static ImmutableArray<PrometheusSample> Parse(string text)
    {
        var samples = ImmutableArray.CreateBuilder<PrometheusSample>();
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            if (++number > LinesMax)
            {
                throw new FormatException($"more than {LinesMax} lines");
            }

            var line = text.AsSpan()[range].Trim();
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            samples.Add(ParseLine(line, number));
        }

        return samples.ToImmutable();
    }

    private static PrometheusSample ParseLine(ReadOnlySpan<char> line, int number)
    {
        var nameEnd = line.IndexOfAny('{', ' ', '\t');
        if (nameEnd <= 0)
        {
            throw new FormatException($"line {number}: no metric name and value");
        }

        var name = line[..nameEnd].ToString();
        if (!IsName(name, colonAllowed: true))
        {
            throw new FormatException($"line {number}: '{name}' is not a metric name");
        }

        var rest = line[nameEnd..].TrimStart();
        var labels = ImmutableArray<KeyValuePair<string, string>>.Empty;
        if (rest[0] == '{')
        {
            labels = ParseLabels(ref rest, number);
        }

        rest = rest.Trim();
        var valueEnd = rest.IndexOfAny(' ', '\t');
        if (valueEnd < 0)
        {
            return new PrometheusSample(name, labels, ParseValue(rest, number));
        }

        var timestamp = rest[valueEnd..].Trim();
        if (!long.TryParse(timestamp, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            throw new FormatException($"line {number}: '{timestamp}' is not a timestamp in milliseconds");
        }

        return new PrometheusSample(name, labels, ParseValue(rest[..valueEnd], number));
    }

    private static bool IsName(string text, bool colonAllowed) =>
        !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || (c == ':' && colonAllowed));

    private static ImmutableArray<KeyValuePair<string, string>> ParseLabels(ref ReadOnlySpan<char> rest, int number)
    {
        var labels = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        rest = rest[1..].TrimStart();
        while (!rest.IsEmpty && rest[0] != '}')
        {
            var equals = rest.IndexOf('=');
            if (equals <= 0)
            {
                throw new FormatException($"line {number}: a label has no name");
            }

            var name = rest[..equals].Trim().ToString();
            if (name.Length == 0 || !IsName(name, colonAllowed: false) || labels.Any(label => label.Key == name) || labels.Count == LabelsMax)
            {
                throw new FormatException($"line {number}: label '{name}' is not a name, stands twice, or is one of more than {LabelsMax}");
            }

            rest = rest[(equals + 1)..].TrimStart();
            labels.Add(new(name, ParseQuoted(ref rest, number)));
            rest = rest.TrimStart();
            if (!rest.IsEmpty && rest[0] == ',')
            {
                rest = rest[1..].TrimStart();
            }
            else if (!rest.IsEmpty && rest[0] != '}')
            {
                throw new FormatException($"line {number}: no comma after label '{name}'");
            }
        }

        if (rest.IsEmpty)
        {
            throw new FormatException($"line {number}: the labels do not end");
        }

        rest = rest[1..];
        return labels.ToImmutable();
    }

    private static string ParseQuoted(ref ReadOnlySpan<char> rest, int number)
    {
        if (rest.IsEmpty || rest[0] != '"')
        {
            throw new FormatException($"line {number}: a label value is not quoted");
        }

        var value = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            var c = rest[i];
            if (c == '"')
            {
                rest = rest[(i + 1)..];
                return value.ToString();
            }

            if (c == '\\' && i + 1 < rest.Length)
            {
                i++;
                c = rest[i] == 'n' ? '\n' : rest[i];
            }

            value.Append(c);
        }

        throw new FormatException($"line {number}: a label value does not end");
    }

    private static double ParseValue(ReadOnlySpan<char> text, int number) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" or "Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
        _ => throw new FormatException($"line {number}: '{text}' is not a number"),
    };
}
