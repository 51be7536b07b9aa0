using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace InferenceOperator.Metrics;

/// <summary>Reads the answers of Prometheus' HTTP API.</summary>
/// <remarks>Source of the format: https://prometheus.io/docs/prometheus/latest/querying/api/. Pure; works on one pass over the bytes.</remarks>
internal static class PrometheusReply
{
    /// <summary>Most samples that are read; a longer answer is refused.</summary>
    public const int PointsMax = 1_000_000;

    /// <summary>The series of a range query.</summary>
    /// <exception cref="FormatException">Not such an answer, or an error; the message is for people.</exception>
    public static ImmutableArray<PrometheusSeries> Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            return ReadDocument(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"not the JSON of Prometheus' API: {e.Message}", e);
        }
    }

    /// <summary>What the server says is wrong; null when the body is not an error of the API.</summary>
    public static string? ErrorOf(ReadOnlySpan<byte> body)
    {
        try
        {
            Read(body);
            return null;
        }
        catch (FormatException e) when (e.InnerException is null)
        {
            return e.Message;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static ImmutableArray<PrometheusSeries> ReadDocument(ref Utf8JsonReader reader)
    {
        ImmutableArray<PrometheusSeries>? series = null;
        string status = "", error = "";
        Expect(ref reader, JsonTokenType.StartObject);
        while (NextProperty(ref reader) is { } name)
        {
            switch (name)
            {
                case "status":
                    status = reader.GetString() ?? "";
                    break;
                case "error":
                    error = reader.GetString() ?? "";
                    break;
                case "data" when reader.TokenType == JsonTokenType.StartObject:
                    series = ReadData(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return status == "success" && series is { } found
            ? found
            : throw new FormatException(error.Length > 0 ? error : $"status '{status}' without data");
    }

    private static ImmutableArray<PrometheusSeries>? ReadData(ref Utf8JsonReader reader)
    {
        var isMatrix = false;
        ImmutableArray<PrometheusSeries>? series = null;
        while (NextProperty(ref reader) is { } name)
        {
            if (name == "resultType")
            {
                isMatrix = reader.GetString() == "matrix";
            }
            else if (name == "result" && reader.TokenType == JsonTokenType.StartArray)
            {
                series = isMatrix ? ReadResult(ref reader) : throw new FormatException("the answer is no range of samples");
            }
            else
            {
                reader.Skip();
            }
        }

        return series;
    }

    private static ImmutableArray<PrometheusSeries> ReadResult(ref Utf8JsonReader reader)
    {
        var series = ImmutableArray.CreateBuilder<PrometheusSeries>();
        var pointsLeft = PointsMax;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            series.Add(ReadSeries(ref reader, ref pointsLeft));
        }

        return series.ToImmutable();
    }

    private static PrometheusSeries ReadSeries(ref Utf8JsonReader reader, ref int pointsLeft)
    {
        var metric = "";
        var labels = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        var points = ImmutableArray.CreateBuilder<(DateTimeOffset, double)>();
        while (NextProperty(ref reader) is { } name)
        {
            switch (name)
            {
                case "metric" when reader.TokenType == JsonTokenType.StartObject:
                    while (NextProperty(ref reader) is { } label)
                    {
                        var value = reader.GetString() ?? "";
                        metric = label == "__name__" ? value : metric;
                        if (label != "__name__")
                        {
                            labels.Add(new(label, value));
                        }
                    }

                    break;
                case "values" when reader.TokenType == JsonTokenType.StartArray:
                    while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
                    {
                        points.Add(ReadPoint(ref reader));
                        if (--pointsLeft < 0)
                        {
                            throw new FormatException($"more than {PointsMax} samples");
                        }
                    }

                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new(metric, labels.DrainToImmutable(), points.DrainToImmutable());
    }

    private static (DateTimeOffset At, double Value) ReadPoint(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.Number);
        var seconds = reader.GetDouble();
        Expect(ref reader, JsonTokenType.String);
        var value = reader.GetString() switch
        {
            "NaN" => double.NaN,
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            { } text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            var text => throw new FormatException($"'{text}' is not a number"),
        };
        Expect(ref reader, JsonTokenType.EndArray);
        return Math.Abs(seconds) < 1e11
            ? (DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000)), value)
            : throw new FormatException($"{seconds} is not a time");
    }

    /// <summary>The next property's name, with the reader on its value; null at the object's end.</summary>
    private static string? NextProperty(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        var name = reader.GetString();
        reader.Read();
        return name;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new JsonException($"expected {type} at byte {reader.TokenStartIndex}");
        }
    }
}
