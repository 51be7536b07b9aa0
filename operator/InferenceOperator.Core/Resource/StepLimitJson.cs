using System.Text.Json;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>Numbers are JSON numbers, percentages strings.</summary>
internal sealed class StepLimitJson : JsonConverter<StepLimit>
{
    public override StepLimit Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var amount) ? new(amount, IsPercent: false)
        : reader.TokenType == JsonTokenType.String && StepLimit.TryParse(reader.GetString(), out var limit) ? limit
        : throw new JsonException("not a step: write a number of replicas, such as 4, or a share, such as \"50%\"");

    public override void Write(Utf8JsonWriter writer, StepLimit value, JsonSerializerOptions options)
    {
        if (value.IsPercent)
        {
            writer.WriteStringValue(value.ToString());
        }
        else
        {
            writer.WriteNumberValue(value.Amount);
        }
    }
}
