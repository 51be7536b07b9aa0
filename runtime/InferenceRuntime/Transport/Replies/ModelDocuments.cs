using System.Text.Json;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Replies;

/// <summary>The protocol's documents that do not change while a model is served.</summary>
internal static class ModelDocuments
{
    /// <summary>Name of this server on the wire.</summary>
    public const string ServerName = "inference-runtime";

    /// <summary><c>GET /v2</c>. The extensions are those that work.</summary>
    public static byte[] Server() => Write(static json =>
    {
        json.WriteString("name", ServerName);
        json.WriteString("version", typeof(ModelDocuments).Assembly.GetName().Version?.ToString(3) ?? "0.0.0");
        json.WriteStartArray("extensions");
        json.WriteStringValue("binary_tensor_data");
        json.WriteEndArray();
    });

    /// <summary><c>GET /v2/models/{model}</c>.</summary>
    public static byte[] Model(ModelSignature signature) => Write(json =>
    {
        json.WriteString("name", signature.Name);
        json.WriteStartArray("versions");
        json.WriteStringValue(signature.Version);
        json.WriteEndArray();
        json.WriteString("platform", signature.Platform);
        WriteTensors(json, "inputs", signature.Inputs);
        WriteTensors(json, "outputs", signature.Outputs);
    });

    /// <summary><c>GET …/ready</c> of a model that is.</summary>
    public static byte[] Ready(ModelSignature signature) => Write(json =>
    {
        json.WriteString("name", signature.Name);
        json.WriteBoolean("ready", true);
    });

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

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
