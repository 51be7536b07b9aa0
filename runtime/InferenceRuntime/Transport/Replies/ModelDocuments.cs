using System.Text.Json;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Replies;

/// <summary>The protocol's documents about the server and its models.</summary>
internal static class ModelDocuments
{
    /// <summary>Name of this server on the wire.</summary>
    public const string ServerName = "inference-runtime";

    /// <summary><c>GET /v2</c>.</summary>
    /// <param name="extensions">Those that work.</param>
    public static ReadOnlyMemory<byte> Server(IEnumerable<string> extensions) => JsonBody.Object(json =>
    {
        json.WriteString("name", ServerName);
        json.WriteString("version", typeof(ModelDocuments).Assembly.GetName().Version?.ToString(3) ?? "0.0.0");
        json.WriteStartArray("extensions");
        foreach (var extension in extensions)
        {
            json.WriteStringValue(extension);
        }

        json.WriteEndArray();
    });

    /// <summary><c>GET /v2/models/{model}</c>.</summary>
    /// <param name="signature">The version that was asked for.</param>
    /// <param name="versions">All that answer.</param>
    public static ReadOnlyMemory<byte> Model(ModelSignature signature, IEnumerable<string> versions) => JsonBody.Object(json =>
    {
        json.WriteString("name", signature.Name);
        json.WriteStartArray("versions");
        foreach (var version in versions)
        {
            json.WriteStringValue(version);
        }

        json.WriteEndArray();
        json.WriteString("platform", signature.Platform);
        WriteTensors(json, "inputs", signature.Inputs);
        WriteTensors(json, "outputs", signature.Outputs);
    });

    /// <summary><c>GET …/ready</c>.</summary>
    public static ReadOnlyMemory<byte> Ready(string model, bool ready) => JsonBody.Object(json =>
    {
        json.WriteString("name", model);
        json.WriteBoolean("ready", ready);
    });

    /// <summary><c>POST /v2/repository/index</c>.</summary>
    public static ReadOnlyMemory<byte> Index(IEnumerable<RepositoryEntry> entries) => JsonBody.Array(json =>
    {
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteString("version", entry.Version);
            json.WriteString("state", StateName(entry.State));
            json.WriteString("reason", entry.Reason);
            json.WriteEndObject();
        }
    });

    private static string StateName(ModelState state) => state switch
    {
        ModelState.Loading => "LOADING",
        ModelState.Ready => "READY",
        ModelState.Unloading => "UNLOADING",
        ModelState.Unavailable => "UNAVAILABLE",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static void WriteTensors(Utf8JsonWriter json, string name, IEnumerable<TensorSpec> tensors)
    {
        json.WriteStartArray(name);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("datatype", tensor.Datatype.WireName());
            json.WriteStartArray("shape");
            foreach (var length in tensor.Shape)
            {
                json.WriteNumberValue(length);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
