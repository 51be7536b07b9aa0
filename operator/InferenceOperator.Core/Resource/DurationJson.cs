using System.Text.Json;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>Durations are JSON strings.</summary>
internal sealed class DurationJson : JsonConverter<Duration>
{
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Duration.TryParse(reader.GetString(), out var duration)
            ? duration
            : throw new JsonException("not a duration: write a string such as \"50ms\", \"2s\" or \"1m30s\"");

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
