using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;

namespace InferenceOperator.Cluster.Apply;

/// <summary>
/// What a live object holds in the fields of a manifest, as a digest: two digests differ when somebody changed a field that
/// the operator set, and do not when the server merely wrote it in another form both times, or others added fields of their own.
/// </summary>
internal static class Projection
{
    /// <summary>Fields that tell the entries of a keyed list apart, the first that an entry has.</summary>
    private static readonly string[] EntryKeys = ["uid", "mountPath", "containerPort", "port", "topologyKey", "name"];

    /// <summary>Digest of the live object's values at the manifest's fields, but for the type, which the items of a list do not say.</summary>
    public static string Of(JsonObject live, JsonObject manifest)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in manifest.Where(static field => field.Key is not ("apiVersion" or "kind")))
            {
                writer.WritePropertyName(name);
                Write(writer, live[name], value);
            }

            writer.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    /// <summary>Digest of a manifest itself.</summary>
    public static string Of(JsonObject manifest) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manifest.ToJsonString())));

    private static void Write(Utf8JsonWriter writer, JsonNode? live, JsonNode? manifest)
    {
        switch (live, manifest)
        {
            case (JsonObject liveObject, JsonObject wanted):
                writer.WriteStartObject();
                foreach (var (name, value) in wanted)
                {
                    writer.WritePropertyName(name);
                    Write(writer, liveObject[name], value);
                }

                writer.WriteEndObject();
                break;
            case (JsonArray liveArray, JsonArray wanted) when wanted.Count > 0 && wanted.All(static entry => KeyOf(entry) is not null):
                writer.WriteStartArray();
                foreach (var entry in wanted)
                {
                    var key = KeyOf(entry);
                    Write(writer, liveArray.FirstOrDefault(candidate => KeyOf(candidate) == key), entry);
                }

                writer.WriteEndArray();
                break;
            case (null, _):
                writer.WriteNullValue();
                break;
            default:
                // The server gives fields in an order of its own.
                CanonicalJson.Write(writer, live);
                break;
        }
    }

    private static string? KeyOf(JsonNode? entry)
    {
        if (entry is JsonObject fields)
        {
            foreach (var key in EntryKeys)
            {
                if (fields[key] is { } value)
                {
                    return $"{key}={value.ToJsonString()}";
                }
            }
        }

        return null;
    }
}
