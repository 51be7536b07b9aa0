using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>Digests of pieces of pods that are equal when the pieces mean the same: whatever the order of fields, and however quantities are written.</summary>
internal static class CanonicalJson
{
    private const int DigestLength = 16;

    /// <summary>The first digits of the SHA-256.</summary>
    public static string Digest(JsonObject piece)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            Write(writer, piece, holdsQuantities: false);
        }

        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)))[..DigestLength];
    }

    /// <summary>Writes a piece in the form that is digested.</summary>
    public static void Write(Utf8JsonWriter writer, JsonNode? node) => Write(writer, node, holdsQuantities: false);

    private static void Write(Utf8JsonWriter writer, JsonNode? node, bool holdsQuantities)
    {
        switch (node)
        {
            case JsonObject fields:
                writer.WriteStartObject();
                foreach (var (name, value) in fields.OrderBy(static field => field.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, value, holdsQuantities || name is "limits" or "requests");
                }

                writer.WriteEndObject();
                break;
            case JsonArray entries:
                writer.WriteStartArray();
                foreach (var entry in entries)
                {
                    Write(writer, entry, holdsQuantities: false);
                }

                writer.WriteEndArray();
                break;
            case JsonValue value when holdsQuantities && Quantity.TryParse(value.ToString(), out var quantity):
                writer.WriteStringValue(quantity.Value.ToString("0.#########", CultureInfo.InvariantCulture));
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
