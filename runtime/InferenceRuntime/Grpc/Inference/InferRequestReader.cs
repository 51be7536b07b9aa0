using System.Text.Unicode;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Checks a request against the model that is to answer it, and finds its tensors where they lie.</summary>
/// <remarks>
/// Raw tensors, and typed ones whose packed form is the tensor's own (FP32, FP64), stay in the message; the others are decoded into
/// pooled memory of at most eight bytes for each byte of the message, taken from the same budget.
/// </remarks>
internal static class InferRequestReader
{
    /// <summary>Reads the call, whose fields were found and whose model is known; null when it is good.</summary>
    public static GrpcStatus? Read(GrpcCall call, BodyBudget budget)
    {
        var inputs = call.Inputs;
        inputs.Clear();
        if (call.Id.Length > InferRequestParser.IdLengthMax || !Utf8.IsValid(call.Id))
        {
            return GrpcStatus.Invalid($"id: longer than {InferRequestParser.IdLengthMax} bytes, or not UTF-8");
        }

        var fields = call.Fields;
        if (fields.Raw.Count > 0 && fields.Raw.Count != fields.Inputs.Count)
        {
            return GrpcStatus.Invalid($"raw_input_contents: {fields.Raw.Count} for {fields.Inputs.Count} inputs; there is one for each or none at all");
        }

        if (InferParameters.ReadRequest(call) is { } badParameter)
        {
            return badParameter;
        }

        for (var i = 0; i < fields.Inputs.Count; i++)
        {
            if (InferInputReader.Read(call, i, budget) is { } fault)
            {
                return fault;
            }
        }

        return ReadOutputs(call) ?? Complete(call);
    }

    private static GrpcStatus? Complete(GrpcCall call)
    {
        var specs = call.Model.Served.Signature.Inputs;
        for (var i = 0; i < specs.Length; i++)
        {
            if (!call.Inputs.HasSeen(i))
            {
                return GrpcStatus.Invalid($"inputs: {ClientText.Quote(specs[i].Name)} is missing");
            }
        }

        call.Inputs.Rows = Math.Max(call.Inputs.Rows, 1);
        return null;
    }

    private static GrpcStatus? ReadOutputs(GrpcCall call)
    {
        var wanted = 0UL;
        for (var i = 0; i < call.Fields.Outputs.Count; i++)
        {
            if (ReadOutput(call, i, out var output) is { } fault)
            {
                return fault;
            }

            if ((wanted & (1UL << output)) != 0)
            {
                return GrpcStatus.Invalid($"outputs[{i}].name: {ClientText.Quote(call.Model.Served.OutputNames[output])} is asked for twice");
            }

            wanted |= 1UL << output;
        }

        call.Inputs.OutputsWanted = wanted == 0 ? call.Model.Served.AllOutputs : wanted;
        return null;
    }

    private static GrpcStatus? ReadOutput(GrpcCall call, int position, out int output)
    {
        output = -1;
        var reader = new ProtoReader(call.Bytes[call.Fields.Outputs[position]]);
        ReadOnlySpan<byte> name = default;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out var field, out var wire))
            {
                return GrpcStatus.Invalid($"outputs[{position}]: malformed");
            }

            if (wire != WireType.LengthDelimited || field > 2)
            {
                if (!reader.TrySkip(field, wire))
                {
                    return GrpcStatus.Invalid($"outputs[{position}]: malformed");
                }
            }
            else if (!reader.TryReadBytes(out var value))
            {
                return GrpcStatus.Invalid($"outputs[{position}]: malformed");
            }
            else if (field == 1)
            {
                name = value;
            }
            else if (InferParameters.CheckTensor(value, $"outputs[{position}]") is { } fault)
            {
                return fault;
            }
        }

        output = Names.Find(name, call.Model.Served.OutputNames);
        return output >= 0 ? null : GrpcStatus.Invalid($"outputs[{position}].name: the model has no output {ClientText.Quote(name)}");
    }
}
