using System.Text.Json;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Replies;

/// <summary><c>GET …/config</c>: a served model in the terms of Triton's model configuration, which load tools ask for.</summary>
/// <remarks>
/// Fields and their spelling follow the JSON form of Triton's <c>ModelConfig</c> message. Only what holds here is written; a field that is left
/// out has the default of that message.
/// </remarks>
internal static class ModelConfigDocument
{
    /// <summary>The document with the settings as they are now.</summary>
    /// <param name="signature">The model.</param>
    /// <param name="settings">The settings in force: the batch limit moves while the model serves.</param>
    /// <param name="instances">Executions that may run at the same time.</param>
    /// <param name="placement">On what they run.</param>
    public static ReadOnlyMemory<byte> Write(ModelSignature signature, RuntimeSettings settings, int instances, ModelPlacement placement) => JsonBody.Object(json =>
    {
        json.WriteString("name", signature.Name);
        json.WriteString("platform", signature.Platform);
        json.WriteString("backend", "onnxruntime");
        json.WriteNumber("max_batch_size", signature.Batched ? settings.Batching.MaxSize : 0);
        WriteTensors(json, "input", signature.Inputs, signature.Batched, isInput: true);
        WriteTensors(json, "output", signature.Outputs, signature.Batched, isInput: false);
        WriteInstances(json, signature.Name, instances, placement);
        if (signature.Batched)
        {
            json.WriteStartObject("dynamic_batching");
            json.WriteNumber("max_queue_delay_microseconds", (long)(settings.Batching.MaxDelayMs * 1000));
            json.WriteBoolean("preserve_ordering", false);
            json.WriteEndObject();
        }

        json.WriteStartObject("response_cache");
        json.WriteBoolean("enable", settings.Cache.Policy != CachePolicy.None);
        json.WriteEndObject();
        json.WriteStartObject("model_transaction_policy");
        json.WriteBoolean("decoupled", false);
        json.WriteEndObject();
        json.WriteStartObject("parameters");
        foreach (var (name, value) in ModelParameters.Of(placement))
        {
            json.WriteStartObject(name);
            json.WriteString("string_value", value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    private static void WriteInstances(Utf8JsonWriter json, string name, int count, ModelPlacement placement)
    {
        json.WriteStartArray("instance_group");
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("kind", placement.Provider == ModelPlacement.OnCpu.Provider ? "KIND_CPU" : "KIND_GPU");
        json.WriteNumber("count", count);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteTensors(Utf8JsonWriter json, string name, IEnumerable<TensorSpec> tensors, bool batched, bool isInput)
    {
        json.WriteStartArray(name);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("data_type", TypeName(tensor.Datatype));
            WriteDimensions(json, batched ? tensor.Shape.AsSpan()[1..] : tensor.Shape.AsSpan());
            json.WriteBoolean("is_shape_tensor", false);
            if (isInput)
            {
                json.WriteBoolean("allow_ragged_batch", false);
                json.WriteBoolean("optional", false);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The configuration has no tensors without dimensions: one element, reshaped, stands for them.</summary>
    private static void WriteDimensions(Utf8JsonWriter json, ReadOnlySpan<long> shape)
    {
        json.WriteStartArray("dims");
        foreach (var length in shape.IsEmpty ? [1] : shape)
        {
            json.WriteNumberValue(length);
        }

        json.WriteEndArray();
        if (shape.IsEmpty)
        {
            json.WriteStartObject("reshape");
            json.WriteStartArray("shape");
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    /// <summary>Texts are strings in the configuration and bytes on the wire; all other types have one name.</summary>
    private static string TypeName(Datatype datatype) => datatype == Datatype.Bytes ? "TYPE_STRING" : $"TYPE_{datatype.WireName()}";
}
