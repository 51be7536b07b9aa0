using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Estimation;

/// <summary>Points of a service-time table are pairs: <c>[[rows, seconds], …]</c>.</summary>
internal sealed class ServicePointsJson : JsonConverter<ImmutableArray<(double Rows, double Seconds)>>
{
    public override ImmutableArray<(double Rows, double Seconds)> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var points = ImmutableArray.CreateBuilder<(double, double)>();
        Expect(ref reader, JsonTokenType.StartArray, move: false);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref reader, JsonTokenType.StartArray, move: false);
            Expect(ref reader, JsonTokenType.Number, move: true);
            var rows = reader.GetDouble();
            Expect(ref reader, JsonTokenType.Number, move: true);
            points.Add((rows, reader.GetDouble()));
            Expect(ref reader, JsonTokenType.EndArray, move: true);
        }

        return points.ToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<(double Rows, double Seconds)> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var (rows, seconds) in value)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(rows);
            writer.WriteNumberValue(seconds);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, bool move)
    {
        if ((move && !reader.Read()) || reader.TokenType != type)
        {
            throw new JsonException("points are pairs of numbers: [[rows, seconds], …]");
        }
    }
}
