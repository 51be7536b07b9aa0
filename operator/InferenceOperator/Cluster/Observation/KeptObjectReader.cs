using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace InferenceOperator.Cluster.Observation;

/// <summary>Reads and writes a <see cref="KeptObject"/> as the JSON that it stands for.</summary>
internal sealed class KeptObjectReader : JsonConverter<KeptObject>
{
    public override KeptObject Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        KeptObject.Of(JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("It is no object."));

    public override void Write(Utf8JsonWriter writer, KeptObject value, JsonSerializerOptions options) => value.WriteTo(writer);
}
