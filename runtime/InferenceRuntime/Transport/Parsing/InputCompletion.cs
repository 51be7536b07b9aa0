using System.Text.Json;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>Checks an input against the model when its fields are known, and takes its elements.</summary>
internal static class InputCompletion
{
    /// <summary>Checks what is left to check and sets the input of the call.</summary>
    public static RequestFault? Complete(InferCall call)
    {
        var draft = call.Draft;
        if (!draft.IsDeclared)
        {
            return RequestFault.Invalid($"{draft.Label(call.Model)}.{Missing(draft.Seen)}: missing");
        }

        var hasData = (draft.Seen & InputDraft.Fields.Data) != 0;
        if (hasData == draft.BinarySize >= 0)
        {
            return RequestFault.Invalid(hasData
                ? $"{draft.Label(call.Model)}: both data and binary_data_size"
                : $"{draft.Label(call.Model)}.data: missing, and no parameters.binary_data_size");
        }

        if (draft.IsDecoded)
        {
            return null;
        }

        if (CheckDeclaration(call) is { } fault)
        {
            return fault;
        }

        return hasData ? ReadDeferred(call) : TakeBinary(call);
    }

    /// <summary>Compares datatype and shape with the signature and counts the elements.</summary>
    public static RequestFault? CheckDeclaration(InferCall call)
    {
        var draft = call.Draft;
        var signature = call.Model.Signature;
        var spec = signature.Inputs[draft.Input];
        if (draft.Datatype != spec.Datatype)
        {
            return RequestFault.Invalid($"{draft.Label(call.Model)}.datatype: is {draft.Datatype.WireName()}, the model takes {spec.Datatype.WireName()}");
        }

        var misfit = TensorShape.FirstMisfit(draft.Shape, spec.Shape);
        if (misfit >= 0)
        {
            return RequestFault.Invalid(
                $"{draft.Label(call.Model)}.shape: is {TensorShape.Text(draft.Shape)}, the model takes {TensorShape.Text(spec.Shape.AsSpan())}");
        }

        draft.Elements = TensorShape.Elements(draft.Shape);
        if (draft.Elements < 0)
        {
            return RequestFault.Invalid($"{draft.Label(call.Model)}.shape: {TensorShape.Text(draft.Shape)} has more than 2^63-1 elements");
        }

        return signature.Batched ? CheckRows(call) : null;
    }

    /// <summary>The batch axis has at least one row and the same length in every input.</summary>
    private static RequestFault? CheckRows(InferCall call)
    {
        var draft = call.Draft;
        var rows = draft.Shape[0];
        if (rows is < 1 or > int.MaxValue)
        {
            return RequestFault.Invalid($"{draft.Label(call.Model)}.shape[0]: a batch of {rows} rows is not between 1 and {int.MaxValue}");
        }

        if (call.Rows != 0 && call.Rows != rows)
        {
            return RequestFault.Invalid($"{draft.Label(call.Model)}.shape[0]: {rows} rows, but the inputs before it have {call.Rows}");
        }

        call.Rows = (int)rows;
        return null;
    }

    private static RequestFault? ReadDeferred(InferCall call)
    {
        var slice = call.Body.Span[..call.JsonLength][call.Draft.DeferredData];
        var reader = new Utf8JsonReader(slice, new JsonReaderOptions { MaxDepth = InferRequestParser.DepthMax });
        reader.Read();
        return JsonTensor.Read(ref reader, call, slice.Length);
    }

    private static RequestFault? TakeBinary(InferCall call)
    {
        var draft = call.Draft;
        var left = call.Body.Length - call.NextBinaryByte;
        if (draft.BinarySize > left)
        {
            return RequestFault.Invalid(
                $"{draft.Label(call.Model)}.parameters.binary_data_size: {draft.BinarySize} is more than the {left} bytes that are left");
        }

        var bytes = call.Body.Slice(call.NextBinaryByte, (int)draft.BinarySize);
        call.NextBinaryByte += bytes.Length;
        if (CheckLength(call, bytes.Span) is { } fault)
        {
            return fault;
        }

        call.Set(draft.Input, draft.Shape, bytes);
        return null;
    }

    private static RequestFault? CheckLength(InferCall call, ReadOnlySpan<byte> bytes)
    {
        var draft = call.Draft;
        if (draft.Datatype == Datatype.Bytes)
        {
            var found = BytesElements.Count(bytes);
            return found == draft.Elements
                ? null
                : RequestFault.Invalid(found < 0
                    ? $"{draft.Label(call.Model)}: the length of a BYTES element points beyond the end of the tensor"
                    : $"{draft.Label(call.Model)}: {found} BYTES elements, shape {TensorShape.Text(draft.Shape)} has {draft.Elements}");
        }

        return TensorShape.Bytes(draft.Elements, draft.Datatype.ElementSize()) == bytes.Length
            ? null
            : RequestFault.Invalid(
                $"{draft.Label(call.Model)}.parameters.binary_data_size: {bytes.Length} bytes, shape {TensorShape.Text(draft.Shape)} of {draft.Datatype.WireName()} takes another number");
    }

    private static string Missing(InputDraft.Fields seen) =>
        (seen & InputDraft.Fields.Name) == 0 ? "name" :
        (seen & InputDraft.Fields.Datatype) == 0 ? "datatype" : "shape";
}
