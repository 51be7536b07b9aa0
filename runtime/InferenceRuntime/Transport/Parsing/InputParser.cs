using System.Text.Json;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>Reads one entry of <c>inputs</c>: its fields in any order, its elements from JSON or from behind it.</summary>
internal static class InputParser
{
    /// <summary>Reads the object at which the reader stands and sets the input of the call.</summary>
    public static RequestFault? Read(ref Utf8JsonReader reader, InferCall call)
    {
        var draft = call.Draft;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RequestFault.Invalid($"inputs[{draft.Position}]: not an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (ReadField(ref reader, call) is { } fault)
            {
                return fault;
            }
        }

        return InputCompletion.Complete(call);
    }

    private static RequestFault? ReadField(ref Utf8JsonReader reader, InferCall call)
    {
        var draft = call.Draft;
        var field = InputDraft.Fields.None;
        if (reader.ValueTextEquals("name"u8))
        {
            field = InputDraft.Fields.Name;
        }
        else if (reader.ValueTextEquals("shape"u8))
        {
            field = InputDraft.Fields.Shape;
        }
        else if (reader.ValueTextEquals("datatype"u8))
        {
            field = InputDraft.Fields.Datatype;
        }
        else if (reader.ValueTextEquals("data"u8))
        {
            field = InputDraft.Fields.Data;
        }
        else if (reader.ValueTextEquals("parameters"u8))
        {
            field = InputDraft.Fields.Parameters;
        }

        if (field != InputDraft.Fields.None && !draft.TrySee(field))
        {
            return RequestFault.Invalid($"inputs[{draft.Position}].{System.Text.Encoding.UTF8.GetString(reader.ValueSpan)} stands twice");
        }

        reader.Read();
        switch (field)
        {
            case InputDraft.Fields.Name:
                return ReadName(ref reader, call);
            case InputDraft.Fields.Shape:
                return ReadShape(ref reader, draft);
            case InputDraft.Fields.Datatype:
                return ReadDatatype(ref reader, call);
            case InputDraft.Fields.Data:
                return ReadData(ref reader, call);
            case InputDraft.Fields.Parameters:
                return ReadParameters(ref reader, draft);
            default:
                reader.Skip();
                return null;
        }
    }

    private static RequestFault? ReadName(ref Utf8JsonReader reader, InferCall call)
    {
        var draft = call.Draft;
        if (reader.TokenType != JsonTokenType.String)
        {
            return RequestFault.Invalid($"inputs[{draft.Position}].name: not a string");
        }

        draft.Input = ServedModel.Find(ref reader, call.Model.InputNames);
        if (draft.Input < 0)
        {
            return RequestFault.Invalid($"inputs[{draft.Position}].name: the model has no input {ClientText.Quote(reader.ValueSpan)}");
        }

        return call.TrySee(draft.Input)
            ? null
            : RequestFault.Invalid($"inputs[{draft.Position}].name: {ClientText.Quote(reader.ValueSpan)} is given twice");
    }

    private static RequestFault? ReadShape(ref Utf8JsonReader reader, InputDraft draft)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RequestFault.Invalid($"inputs[{draft.Position}].shape: not a list");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var length) || length < 0)
            {
                return RequestFault.Invalid($"inputs[{draft.Position}].shape[{draft.Rank}]: not a whole number from 0 to 2^63-1");
            }

            if (!draft.TryAddDimension(length))
            {
                return RequestFault.Invalid($"inputs[{draft.Position}].shape: more than {TensorShape.RankMax} dimensions");
            }
        }

        return null;
    }

    private static RequestFault? ReadDatatype(ref Utf8JsonReader reader, InferCall call)
    {
        var draft = call.Draft;
        if (reader.TokenType != JsonTokenType.String)
        {
            return RequestFault.Invalid($"inputs[{draft.Position}].datatype: not a string");
        }

        if (draft.Input >= 0 && reader.ValueTextEquals(call.Model.DatatypeNames[draft.Input]))
        {
            draft.Datatype = call.Model.Signature.Inputs[draft.Input].Datatype;
            return null;
        }

        if (!Datatypes.TryParse(reader.ValueSpan, out var datatype))
        {
            return RequestFault.Invalid($"inputs[{draft.Position}].datatype: {ClientText.Quote(reader.ValueSpan)} is not a datatype of the protocol");
        }

        draft.Datatype = datatype;
        return null;
    }

    private static RequestFault? ReadParameters(ref Utf8JsonReader reader, InputDraft draft)
    {
        var label = draft.Position;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RequestFault.Invalid($"inputs[{label}].parameters: not an object");
        }

        for (var count = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; count++)
        {
            if (count == RequestParameters.CountMax)
            {
                return RequestFault.Invalid($"inputs[{label}].parameters: more than {RequestParameters.CountMax}");
            }

            if (reader.ValueTextEquals("binary_data_size"u8))
            {
                reader.Read();
                if (draft.BinarySize >= 0 || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var size) || size < 0)
                {
                    return RequestFault.Invalid($"inputs[{label}].parameters.binary_data_size: not one whole number from 0 to 2^63-1");
                }

                draft.BinarySize = size;
            }
            else if (reader.ValueTextEquals("shared_memory_region"u8))
            {
                return RequestFault.Invalid($"inputs[{label}].parameters.shared_memory_region: shared memory is not supported");
            }
            else
            {
                reader.Skip();
            }
        }

        return null;
    }

    private static RequestFault? ReadData(ref Utf8JsonReader reader, InferCall call)
    {
        var draft = call.Draft;
        var start = (int)reader.TokenStartIndex;
        if (draft.IsDeclared && draft.Datatype != Datatype.Bytes && draft.BinarySize < 0)
        {
            draft.IsDecoded = true;
            return InputCompletion.CheckDeclaration(call)
                ?? JsonTensor.Read(ref reader, call, jsonBytes: call.JsonLength - start);
        }

        reader.Skip();
        draft.DeferredData = start..(int)reader.BytesConsumed;
        return null;
    }
}
