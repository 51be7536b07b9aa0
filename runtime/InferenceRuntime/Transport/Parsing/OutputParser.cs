using System.Numerics;
using System.Text.Json;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>The <c>outputs</c> of a request: which are wanted, and in which form.</summary>
internal static class OutputParser
{
    public static RequestFault? ReadAll(ref Utf8JsonReader reader, InferCall call)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RequestFault.Invalid("outputs: not a list");
        }

        // Bounded by the signature: an unknown or repeated name ends it.
        for (var position = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; position++)
        {
            if (ReadOne(ref reader, call, position) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Settles what the request left open, when all of it has been read.</summary>
    public static RequestFault? Complete(InferCall call)
    {
        var model = call.Model;
        if (call.OutputsWanted == 0)
        {
            call.OutputsWanted = model.AllOutputs;
        }

        if (call.BinaryByDefault)
        {
            call.OutputsBinary |= call.OutputsWanted & ~call.OutputsExplicit;
        }

        var formless = call.OutputsWanted & model.BinaryOnlyOutputs & ~call.OutputsBinary;
        return formless == 0 ? null : NoJsonForm(model, BitOperations.TrailingZeroCount(formless));
    }

    private static RequestFault NoJsonForm(ServedModel model, int index)
    {
        var output = model.Signature.Outputs[index];
        return RequestFault.Invalid($"outputs {ClientText.Quote(output.Name)}: {output.Datatype} has no JSON form; ask for binary_data");
    }

    private static RequestFault? ReadOne(ref Utf8JsonReader reader, InferCall call, int position)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RequestFault.Invalid($"outputs[{position}]: not an object");
        }

        var (output, binary) = (-1, (bool?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            RequestFault? fault = null;
            if (reader.ValueTextEquals("name"u8))
            {
                fault = output < 0 ? ReadName(ref reader, call, position, out output) : RequestFault.Invalid($"outputs[{position}].name stands twice");
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                fault = ReadParameters(ref reader, position, ref binary);
            }
            else
            {
                reader.Skip();
            }

            if (fault is not null)
            {
                return fault;
            }
        }

        if (output < 0)
        {
            return RequestFault.Invalid($"outputs[{position}].name: missing");
        }

        Want(call, 1UL << output, binary);
        return null;
    }

    private static void Want(InferCall call, ulong bit, bool? binary)
    {
        call.OutputsWanted |= bit;
        if (binary is { } said)
        {
            call.OutputsExplicit |= bit;
            call.OutputsBinary |= said ? bit : 0;
        }
    }

    private static RequestFault? ReadName(ref Utf8JsonReader reader, InferCall call, int position, out int output)
    {
        output = -1;
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            return RequestFault.Invalid($"outputs[{position}].name: not a string");
        }

        output = ServedModel.Find(ref reader, call.Model.OutputNames);
        if (output < 0)
        {
            return RequestFault.Invalid($"outputs[{position}].name: the model has no output {ClientText.Quote(reader.ValueSpan)}");
        }

        return (call.OutputsWanted & (1UL << output)) == 0
            ? null
            : RequestFault.Invalid($"outputs[{position}].name: {ClientText.Quote(reader.ValueSpan)} is asked for twice");
    }

    private static RequestFault? ReadParameters(ref Utf8JsonReader reader, int position, ref bool? binary)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RequestFault.Invalid($"outputs[{position}].parameters: not an object");
        }

        for (var count = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; count++)
        {
            if (count == RequestParameters.CountMax)
            {
                return RequestFault.Invalid($"outputs[{position}].parameters: more than {RequestParameters.CountMax}");
            }

            if (reader.ValueTextEquals("binary_data"u8))
            {
                reader.Read();
                if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                {
                    return RequestFault.Invalid($"outputs[{position}].parameters.binary_data: not true or false");
                }

                binary = reader.TokenType == JsonTokenType.True;
            }
            else if (reader.ValueTextEquals("classification"u8) || reader.ValueTextEquals("shared_memory_region"u8))
            {
                // Passing these over would give an answer that was not asked for.
                return RequestFault.Invalid($"outputs[{position}].parameters: {ClientText.Quote(reader.ValueSpan)} is not supported");
            }
            else
            {
                reader.Skip();
            }
        }

        return null;
    }
}
