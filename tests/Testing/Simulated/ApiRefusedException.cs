using System.Net;
using System.Text.Json.Nodes;

namespace InferenceOperator.Testing.Simulated;

/// <summary>The simulated API server does not do what it was asked.</summary>
public sealed class ApiRefusedException : Exception
{
    public ApiRefusedException(HttpStatusCode code, string reason, string message)
        : base(message) => (Code, Reason) = (code, reason);

    public ApiRefusedException()
        : this(HttpStatusCode.InternalServerError, "InternalError", "")
    {
    }

    public ApiRefusedException(string message)
        : this(HttpStatusCode.InternalServerError, "InternalError", message)
    {
    }

    public ApiRefusedException(string message, Exception innerException)
        : base(message, innerException) => (Code, Reason) = (HttpStatusCode.InternalServerError, "InternalError");

    public HttpStatusCode Code { get; }

    public string Reason { get; }

    /// <summary>Field managers in the way, by field; empty when that is not what is wrong.</summary>
    public IReadOnlyList<(string Manager, string Field)> Conflicts { get; init; } = [];

    public static ApiRefusedException NotFound(ApiKey key) => new(HttpStatusCode.NotFound, "NotFound", $"{key.Type} \"{key.Name}\" not found");

    public static ApiRefusedException Conflict(ApiKey key, string why) => new(HttpStatusCode.Conflict, "Conflict", $"Operation cannot be fulfilled on {key.Type} \"{key.Name}\": {why}");

    public static ApiRefusedException Expired(string what) => new(HttpStatusCode.Gone, "Expired", what);

    /// <summary>As the API server says it.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Failure", ["message"] = Message, ["reason"] = Reason, ["code"] = (int)Code };
        if (Conflicts.Count > 0)
        {
            status["details"] = new JsonObject
            {
                ["causes"] = new JsonArray([.. Conflicts.Select(static c => new JsonObject { ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with \"{c.Manager}\"", ["field"] = c.Field })]),
            };
        }

        return status;
    }
}
