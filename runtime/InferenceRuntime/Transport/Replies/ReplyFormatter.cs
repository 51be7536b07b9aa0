using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport.Replies;

/// <summary>Writes the JSON of inference replies: prebuilt names round formatted numbers. Immutable, thread safe.</summary>
internal sealed class ReplyFormatter
{
    private readonly ServedModel _model;
    private readonly byte[] _head;
    private readonly ImmutableArray<byte[]> _outputHeads;

    public ReplyFormatter(ServedModel model)
    {
        _model = model;
        var signature = model.Signature;
        _head = Encoding.UTF8.GetBytes($"\"model_name\":{Text(signature.Name)},\"model_version\":{Text(signature.Version)},\"outputs\":[");
        _outputHeads =
        [
            .. signature.Outputs.Select(static o =>
                Encoding.UTF8.GetBytes($"{{\"name\":{Text(o.Name)},\"datatype\":\"{o.Datatype.WireName()}\",\"shape\":[")),
        ];
    }

    /// <summary>Writes the JSON part of the reply; binary tensors follow it in the order of the signature.</summary>
    /// <returns>Null, or the fault when an output has no JSON form.</returns>
    public RequestFault? Format(InferCall call, ReadOnlySpan<TensorContent> outputs, PooledBuffer json)
    {
        json.WriteByte((byte)'{');
        var id = call.IdJson;
        if (!id.IsEmpty)
        {
            json.Write("\"id\":"u8);
            json.Write(id);
            json.WriteByte((byte)',');
        }

        json.Write(_head);
        var first = true;
        for (var i = 0; i < outputs.Length; i++)
        {
            var bit = 1UL << i;
            if ((call.OutputsWanted & bit) == 0)
            {
                continue;
            }

            if (!first)
            {
                json.WriteByte((byte)',');
            }

            first = false;
            if (FormatOutput(i, outputs[i], (call.OutputsBinary & bit) != 0, json) is { } fault)
            {
                return fault;
            }
        }

        json.Write("]}"u8);
        return null;
    }

    private static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private RequestFault? FormatOutput(int index, TensorContent output, bool binary, PooledBuffer json)
    {
        json.Write(_outputHeads[index]);
        var shape = output.Shape.Span;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (axis > 0)
            {
                json.WriteByte((byte)',');
            }

            WriteNumber(json, shape[axis]);
        }

        if (binary)
        {
            json.Write("],\"parameters\":{\"binary_data_size\":"u8);
            WriteNumber(json, output.Bytes.Length);
            json.Write("}}"u8);
            return null;
        }

        json.Write("],\"data\":["u8);
        var spec = _model.Signature.Outputs[index];
        if (!JsonTensorFormatter.TryFormat(spec.Datatype, output.Bytes.Span, json))
        {
            return RequestFault.Invalid($"outputs {ClientText.Quote(spec.Name)}: an element is not text in UTF-8; ask for binary_data");
        }

        json.Write("]}"u8);
        return null;
    }

    private static void WriteNumber(PooledBuffer json, long value)
    {
        Utf8Formatter.TryFormat(value, json.GetSpan(JsonTensorFormatter.NumberLengthMax), out var written);
        json.Advance(written);
    }
}
