using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;

namespace InferenceOperator.Testing.Simulated;

/// <summary>One state of one object. Never changed: a write makes another one.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">All of it. Not to be changed.</param>
/// <param name="Owners">By field manager, the fields that it owns.</param>
public sealed record StoredObject(ApiKey Key, JsonObject Value, ImmutableDictionary<string, ImmutableHashSet<string>> Owners)
{
    private byte[]? _json;

    public JsonObject Metadata => (JsonObject)Value["metadata"]!; // The server made it.

    public string Uid => (string)Metadata["uid"]!; // As is this.

    public string ResourceVersion => (string)Metadata["resourceVersion"]!; // As is this.

    public bool IsEnding => Metadata["deletionTimestamp"] is not null;

    /// <summary>Uids of the objects that it belongs to.</summary>
    public IEnumerable<string> OwnerUids => (Metadata["ownerReferences"] as JsonArray)?.Select(static owner => (string)owner!["uid"]!) ?? []; // Written with a uid.

    public ReadOnlyMemory<byte> Json => _json ??= Encoding.UTF8.GetBytes(Value.ToJsonString());
}
