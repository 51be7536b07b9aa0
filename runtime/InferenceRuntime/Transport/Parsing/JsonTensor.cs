using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>Decodes <c>data</c>, flat or nested, into the wire form of a tensor.</summary>
internal static class JsonTensor
{
    /// <summary>
    /// Reads the list at which the reader stands into pooled memory and sets the input. The list takes up at most
    /// <paramref name="jsonBytes"/> of JSON: they bound what is allocated, to four times their number.
    /// </summary>
    public static RequestFault? Read(ref Utf8JsonReader reader, InferCall call, int jsonBytes)
    {
        var draft = call.Draft;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RequestFault.Invalid($"{draft.Label(call.Model)}.data: not a list");
        }

        // Each element takes a character and a comma or bracket: a shape that claims more is not worth allocating for.
        if (draft.Elements > jsonBytes / 2)
        {
            return RequestFault.Invalid(
                $"{draft.Label(call.Model)}.data: fewer elements than the {draft.Elements} of shape {TensorShape.Text(draft.Shape)}");
        }

        return draft.Datatype switch
        {
            Datatype.Bool => Read<JsonElements.Bool>(ref reader, call),
            Datatype.UInt8 => Read<JsonElements.UInt8>(ref reader, call),
            Datatype.UInt16 => Read<JsonElements.UInt16>(ref reader, call),
            Datatype.UInt32 => Read<JsonElements.UInt32>(ref reader, call),
            Datatype.UInt64 => Read<JsonElements.UInt64>(ref reader, call),
            Datatype.Int8 => Read<JsonElements.Int8>(ref reader, call),
            Datatype.Int16 => Read<JsonElements.Int16>(ref reader, call),
            Datatype.Int32 => Read<JsonElements.Int32>(ref reader, call),
            Datatype.Int64 => Read<JsonElements.Int64>(ref reader, call),
            Datatype.Fp32 => Read<JsonElements.Fp32>(ref reader, call),
            Datatype.Fp64 => Read<JsonElements.Fp64>(ref reader, call),
            Datatype.Bytes => ReadBytes(ref reader, call, jsonBytes),
            Datatype.Fp16 or Datatype.Bf16 => RequestFault.Invalid(
                $"{draft.Label(call.Model)}.data: {draft.Datatype.WireName()} has no JSON form; send it with binary_data_size"),
            _ => throw new UnreachableException(),
        };
    }

    private static RequestFault? Read<T>(ref Utf8JsonReader reader, InferCall call)
        where T : JsonElements.IElement
    {
        var draft = call.Draft;
        var length = (int)draft.Elements * T.Size;
        var buffer = call.Rent(draft.Input, length);
        var destination = buffer.AsSpan(0, length);
        var nesting = new JsonNesting(draft.Shape, stackalloc long[TensorShape.RankMax + 1]);
        var written = 0;
        while (nesting.Depth > 0)
        {
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
            {
                if (!nesting.TryBracket(reader.TokenType))
                {
                    return Misshaped(call, written / T.Size);
                }

                continue;
            }

            if (written == length || !nesting.TryLeaf())
            {
                return Misshaped(call, written / T.Size);
            }

            if (!T.TryRead(ref reader, destination[written..]))
            {
                return RequestFault.Invalid($"{draft.Label(call.Model)}.data: element {written / T.Size} is not {T.Expected}");
            }

            written += T.Size;
        }

        if (written != length)
        {
            return Misshaped(call, written / T.Size);
        }

        call.Set(draft.Input, draft.Shape, buffer.AsMemory(0, length));
        return null;
    }

    private static RequestFault? ReadBytes(ref Utf8JsonReader reader, InferCall call, int jsonBytes)
    {
        // A text is never longer than its JSON form; the prefixes are counted by elements that are there.
        var draft = call.Draft;
        var buffer = call.Rent(draft.Input, ((int)draft.Elements * BytesElements.PrefixSize) + jsonBytes);
        var nesting = new JsonNesting(draft.Shape, stackalloc long[TensorShape.RankMax + 1]);
        var (written, elements) = (0, 0L);
        while (nesting.Depth > 0)
        {
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
            {
                if (!nesting.TryBracket(reader.TokenType))
                {
                    return Misshaped(call, elements);
                }

                continue;
            }

            if (elements == draft.Elements || !nesting.TryLeaf())
            {
                return Misshaped(call, elements);
            }

            if (reader.TokenType != JsonTokenType.String)
            {
                return RequestFault.Invalid($"{draft.Label(call.Model)}.data: element {elements} is not a string");
            }

            var length = reader.CopyString(buffer.AsSpan(written + BytesElements.PrefixSize));
            BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(written), (uint)length);
            written += BytesElements.PrefixSize + length;
            elements++;
        }

        if (elements != draft.Elements)
        {
            return Misshaped(call, elements);
        }

        call.Set(draft.Input, draft.Shape, buffer.AsMemory(0, written));
        return null;
    }

    private static RequestFault Misshaped(InferCall call, long element) => RequestFault.Invalid(
        $"{call.Draft.Label(call.Model)}.data: is not {call.Draft.Elements} elements, flat or nested as shape {TensorShape.Text(call.Draft.Shape)} says: differs at element {element}");
}
