using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Admission;

/// <summary>What an API server asks, of <c>admission.k8s.io/v1</c>.</summary>
/// <param name="Uid">Names the request in the answer.</param>
/// <param name="Version">Version of the object.</param>
/// <param name="Kind">Kind of the object.</param>
/// <param name="Operation">CREATE, UPDATE, DELETE or CONNECT.</param>
/// <param name="Object">The object as it would be stored; null: it goes.</param>
/// <param name="OldObject">As it is stored; null: it is new.</param>
internal sealed record AdmissionRequest(string Uid, string Version, string Kind, string Operation, JsonObject? Object, JsonObject? OldObject)
{
    public const string ApiVersion = "admission.k8s.io/v1";
    public const string ReviewKind = "AdmissionReview";

    /// <summary>Null: it is no request of this version.</summary>
    public static AdmissionRequest? Read(JsonNode? review)
    {
        if (review is not JsonObject root || Text(root, "apiVersion") != ApiVersion || Text(root, "kind") != ReviewKind || root["request"] is not JsonObject request || Text(request, "uid") is not { Length: > 0 } uid)
        {
            return null;
        }

        var kind = request["kind"] as JsonObject;
        return new(uid, Text(kind, "version") ?? "", Text(kind, "kind") ?? "", Text(request, "operation") ?? "", request["object"] as JsonObject, request["oldObject"] as JsonObject);
    }

    private static string? Text(JsonObject? parent, string name) => parent?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
