using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Admission;

/// <summary>The answer to an API server.</summary>
internal static class AdmissionReply
{
    /// <summary>Errors that the message names; the others are counted.</summary>
    public const int ErrorsMax = 10;

    /// <summary>Warnings that are sent; what is more is counted in the last.</summary>
    public const int WarningsMax = 10;

    /// <summary>Characters of a warning; API servers cut longer ones off.</summary>
    public const int WarningLengthMax = 250;

    public static JsonObject Write(AdmissionRequest request, AdmissionVerdict verdict)
    {
        var response = new JsonObject { ["uid"] = request.Uid, ["allowed"] = verdict.IsAllowed };
        if (!verdict.IsAllowed)
        {
            var more = verdict.Errors.Length > ErrorsMax ? $"; and {verdict.Errors.Length - ErrorsMax} more" : "";
            response["status"] = new JsonObject
            {
                ["status"] = "Failure",
                ["code"] = StatusCodes.Status422UnprocessableEntity,
                ["reason"] = "Invalid",
                ["message"] = string.Join("; ", verdict.Errors.Take(ErrorsMax)) + more,
                // As for the schema's own errors: kubectl names the object and each field.
                ["details"] = new JsonObject
                {
                    ["group"] = ResourceNames.Group,
                    ["kind"] = request.Kind,
                    ["name"] = (request.Object?["metadata"] as JsonObject)?["name"]?.DeepClone(),
                    ["causes"] = new JsonArray([.. verdict.Errors.Take(ErrorsMax).Select(static error => new JsonObject
                    {
                        ["reason"] = "FieldValueInvalid", ["field"] = error.Path, ["message"] = error.Message,
                    })]),
                },
            };
        }

        if (!verdict.Warnings.IsEmpty)
        {
            var more = verdict.Warnings.Length > WarningsMax ? [$"and {verdict.Warnings.Length - WarningsMax} more warnings"] : Array.Empty<string>();
            response["warnings"] = new JsonArray([.. verdict.Warnings.Take(WarningsMax).Concat(more).Select(static warning => JsonValue.Create(Short(warning)))]);
        }

        return new JsonObject { ["apiVersion"] = AdmissionRequest.ApiVersion, ["kind"] = AdmissionRequest.ReviewKind, ["response"] = response };
    }

    private static string Short(string warning) => warning.Length <= WarningLengthMax ? warning : $"{warning.AsSpan(0, WarningLengthMax - 1)}…";
}
