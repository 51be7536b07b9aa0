using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Reads one InferInputTensor: what it is, and its elements from its contents or from raw_input_contents.</summary>
internal static class InferInputReader
{
    private const int NameField = 1;
    private const int DatatypeField = 2;
    private const int ShapeField = 3;
    private const int ParametersField = 4;
    private const int ContentsField = 5;

    /// <summary>Reads input number <paramref name="position"/> and sets it in the call.</summary>
    public static GrpcStatus? Read(GrpcCall call, int position, BodyBudget budget)
    {
        var draft = call.Inputs.Draft;
        draft.Begin(position);
        var place = call.Fields.Inputs[position];
        if (ReadFields(call, place, out var contents) is { } fault)
        {
            return fault;
        }

        if (InputCompletion.CheckDeclaration(call.Inputs) is { } misfit)
        {
            return GrpcStatus.From(misfit);
        }

        if (call.Fields.Raw.Count == 0)
        {
            return TypedContents.Read(call, contents, budget);
        }

        return contents.Start.Equals(contents.End)
            ? TakeRaw(call, call.Fields.Raw[position])
            : GrpcStatus.Invalid($"{draft.Label(call.Model.Served)}.contents: given beside raw_input_contents");
    }

    /// <param name="call">The call.</param>
    /// <param name="place">Where the tensor lies in the message.</param>
    /// <param name="contents">Where its contents lie in the message; empty when there are none.</param>
    private static GrpcStatus? ReadFields(GrpcCall call, Range place, out Range contents)
    {
        contents = default;
        var draft = call.Inputs.Draft;
        var start = place.Start.Value;
        var message = call.Bytes[place];
        var reader = new ProtoReader(message);
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> datatype = default;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadKey(out var field, out var wire))
            {
                return Malformed(draft);
            }

            if (field == ShapeField && wire == WireType.Varint)
            {
                if (!reader.TryReadVarint(out var dimension))
                {
                    return Malformed(draft);
                }

                if (AddDimension(draft, dimension) is { } fault)
                {
                    return fault;
                }

                continue;
            }

            if (wire != WireType.LengthDelimited || field > ContentsField)
            {
                if (!reader.TrySkip(field, wire))
                {
                    return Malformed(draft);
                }

                continue;
            }

            if (!reader.TryReadRange(out var value))
            {
                return Malformed(draft);
            }

            switch (field)
            {
                case NameField:
                    name = message[value];
                    break;
                case DatatypeField:
                    datatype = message[value];
                    break;
                case ShapeField when ReadShape(draft, message[value]) is { } fault:
                    return fault;
                case ParametersField when InferParameters.CheckTensor(message[value], $"inputs[{draft.Position}]") is { } fault:
                    return fault;
                case ContentsField when !contents.Start.Equals(contents.End):
                    return GrpcStatus.Invalid($"inputs[{draft.Position}].contents: stands twice");
                case ContentsField:
                    contents = (start + value.Start.Value)..(start + value.End.Value);
                    break;
                default:
                    break;
            }
        }

        return ReadName(call, name) ?? ReadDatatype(call, datatype);
    }

    private static GrpcStatus? ReadName(GrpcCall call, ReadOnlySpan<byte> name)
    {
        var draft = call.Inputs.Draft;
        draft.Input = Names.Find(name, call.Model.Served.InputNames);
        if (draft.Input < 0)
        {
            return GrpcStatus.Invalid($"inputs[{draft.Position}].name: the model has no input {ClientText.Quote(name)}");
        }

        return call.Inputs.TrySee(draft.Input)
            ? null
            : GrpcStatus.Invalid($"inputs[{draft.Position}].name: {ClientText.Quote(name)} is given twice");
    }

    private static GrpcStatus? ReadDatatype(GrpcCall call, ReadOnlySpan<byte> datatype)
    {
        var draft = call.Inputs.Draft;
        if (datatype.SequenceEqual(call.Model.Served.DatatypeNames[draft.Input]))
        {
            draft.Datatype = call.Model.Served.Signature.Inputs[draft.Input].Datatype;
            return null;
        }

        if (!Datatypes.TryParse(datatype, out var other))
        {
            return GrpcStatus.Invalid($"inputs[{draft.Position}].datatype: {ClientText.Quote(datatype)} is not a datatype of the protocol");
        }

        draft.Datatype = other;
        return null;
    }

    private static GrpcStatus? ReadShape(InputDraft draft, ReadOnlySpan<byte> packed)
    {
        var reader = new ProtoReader(packed);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadVarint(out var dimension))
            {
                return Malformed(draft);
            }

            if (AddDimension(draft, dimension) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static GrpcStatus? AddDimension(InputDraft draft, ulong dimension)
    {
        if ((long)dimension < 0)
        {
            return GrpcStatus.Invalid($"inputs[{draft.Position}].shape[{draft.Rank}]: not a whole number from 0 to 2^63-1");
        }

        return draft.TryAddDimension((long)dimension)
            ? null
            : GrpcStatus.Invalid($"inputs[{draft.Position}].shape: more than {TensorShape.RankMax} dimensions");
    }

    private static GrpcStatus? TakeRaw(GrpcCall call, Range place)
    {
        var draft = call.Inputs.Draft;
        var bytes = call.Message.Written[place];
        var found = draft.Datatype == Datatype.Bytes ? BytesElements.Count(bytes.Span) : bytes.Length / draft.Datatype.ElementSize();
        if (found != draft.Elements || (draft.Datatype != Datatype.Bytes && bytes.Length % draft.Datatype.ElementSize() != 0))
        {
            return GrpcStatus.Invalid(
                $"raw_input_contents[{draft.Position}]: its {bytes.Length} bytes are not the {draft.Elements} elements of {draft.Datatype.WireName()} that shape {TensorShape.Text(draft.Shape)} of {ClientText.Quote(call.Model.Served.InputNames[draft.Input])} says");
        }

        call.Inputs.Set(draft.Input, draft.Shape, bytes);
        return null;
    }

    private static GrpcStatus Malformed(InputDraft draft) => GrpcStatus.Invalid($"inputs[{draft.Position}]: malformed");
}
