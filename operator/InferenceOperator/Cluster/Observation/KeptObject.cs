using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using InferenceOperator.Cluster.Children;

namespace InferenceOperator.Cluster.Observation;

/// <summary>An object of the API server as the operator keeps tens of thousands: what is asked of it all the time, and the whole as text, which is read when somebody looks closely. Immutable.</summary>
/// <remarks>A tree of JSON nodes that somebody has walked takes some ten times the memory of its text, and most objects are never looked at again.</remarks>
[JsonConverter(typeof(KeptObjectReader))]
internal sealed class KeptObject
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly byte[] _text;

    private KeptObject(JsonObject value)
    {
        var metadata = value["metadata"] as JsonObject;
        ControllerUid = OwnerReference.ControllerUid(value);
        ControllerName = OwnerReference.ControllerName(value);
        Agent = (metadata?["labels"] as JsonObject)?[ChildLabels.Agent]?.ToString();
        Labels = ControllerUid is null ? metadata?["labels"]?.ToJsonString() : null;
        Generation = metadata?["generation"] is JsonValue generation && generation.TryGetValue<long>(out var number) ? number : 0;
        IsGoing = metadata?["deletionTimestamp"] is not null;
        _text = TextOf(value);
    }

    /// <inheritdoc cref="OwnerReference.ControllerUid"/>
    public string? ControllerUid { get; }

    /// <inheritdoc cref="OwnerReference.ControllerName"/>
    public string? ControllerName { get; }

    /// <summary>Value of <see cref="ChildLabels.Agent"/>; null without it.</summary>
    public string? Agent { get; }

    /// <summary>Its labels as text, of an object that nobody controls; null: it has none, or is controlled.</summary>
    public string? Labels { get; }

    /// <summary>Counts the changes to its spec; 0 where the server does not.</summary>
    public long Generation { get; }

    /// <summary>Its deletion was asked for.</summary>
    public bool IsGoing { get; }

    /// <summary>Takes over an object; who owns which field, and what kubectl last applied, more than half of it, are taken out of it.</summary>
    public static KeptObject Of(JsonObject value)
    {
        var metadata = value["metadata"] as JsonObject;
        metadata?.Remove("managedFields");
        (metadata?["annotations"] as JsonObject)?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        return new(value);
    }

    /// <summary>The whole object, the caller's own. Costs some ten microseconds.</summary>
    public JsonObject Read() => JsonNode.Parse(_text)!.AsObject(); // It was an object.

    /// <summary>Writes the text.</summary>
    public void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(_text, skipInputValidation: true);

    private static byte[] TextOf(JsonObject value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plain))
        {
            value.WriteTo(writer);
        }

        return stream.ToArray();
    }
}
