using System.Text.Json;
using System.Text.Unicode;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>Reads the body of an inference request: Open Inference Protocol v2 in JSON, with the binary tensor extension.</summary>
/// <remarks>
/// Nothing is allocated by a length that has not been compared with bytes that are really there. Every fault of the client
/// is a value. Source: https://github.com/open-inference-protocol and Triton's binary tensor data extension.
/// </remarks>
internal static class InferRequestParser
{
    /// <summary>Deepest nesting of the JSON.</summary>
    public const int DepthMax = 100;

    /// <summary>Longest id, bytes of JSON with the quotes.</summary>
    public const int IdLengthMax = 4096;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = DepthMax };

    [Flags]
    private enum Fields
    {
        None = 0,
        Id = 1,
        Parameters = 2,
        Inputs = 4,
        Outputs = 8,
    }

    /// <summary>Reads a body into <paramref name="call"/>; null when it is good.</summary>
    /// <param name="body">All bytes of the body. Tensors point into it.</param>
    /// <param name="headerLength">Value of <c>Inference-Header-Content-Length</c>, or null when the header is absent.</param>
    /// <param name="call">Receives what was read; cleared first.</param>
    public static RequestFault? Parse(ReadOnlyMemory<byte> body, int? headerLength, InferCall call)
    {
        var jsonLength = headerLength ?? body.Length;
        if (jsonLength > body.Length)
        {
            return RequestFault.Invalid($"Inference-Header-Content-Length: {jsonLength} is more than the {body.Length} bytes of the body");
        }

        call.Begin(body, jsonLength);
        if (headerLength == 0)
        {
            return RawRequest.Read(call);
        }

        var json = body.Span[..jsonLength];
        if (json.IsEmpty)
        {
            return RequestFault.Invalid("the body is empty");
        }

        return Utf8.IsValid(json) ? ParseJson(json, call) : RequestFault.Invalid("the JSON is not UTF-8");
    }

    private static RequestFault? ParseJson(ReadOnlySpan<byte> json, InferCall call)
    {
        var reader = new Utf8JsonReader(json, Options);
        try
        {
            return ReadRequest(ref reader, call) ?? Complete(call);
        }
        catch (JsonException e)
        {
            return RequestFault.Invalid(
                $"malformed JSON, or nested deeper than {DepthMax}, at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            // The reader's answer to an escaped lone surrogate, which no UTF-8 can hold.
            return RequestFault.Invalid($"a string before byte {reader.BytesConsumed} of the JSON holds an escape that is not a character");
        }
    }

    private static RequestFault? ReadRequest(ref Utf8JsonReader reader, InferCall call)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RequestFault.Invalid("the body is not a JSON object");
        }

        var seen = Fields.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (ReadField(ref reader, call, ref seen) is { } fault)
            {
                return fault;
            }
        }

        // Throws for anything that follows the object.
        reader.Read();
        return (seen & Fields.Inputs) != 0 ? null : RequestFault.Invalid("inputs: missing");
    }

    private static RequestFault? ReadField(ref Utf8JsonReader reader, InferCall call, ref Fields seen)
    {
        var field = Fields.None;
        if (reader.ValueTextEquals("inputs"u8))
        {
            field = Fields.Inputs;
        }
        else if (reader.ValueTextEquals("outputs"u8))
        {
            field = Fields.Outputs;
        }
        else if (reader.ValueTextEquals("parameters"u8))
        {
            field = Fields.Parameters;
        }
        else if (reader.ValueTextEquals("id"u8))
        {
            field = Fields.Id;
        }

        if (field != Fields.None && (seen & field) != 0)
        {
            return RequestFault.Invalid($"{ClientText.Quote(reader.ValueSpan)} stands twice");
        }

        seen |= field;
        reader.Read();
        switch (field)
        {
            case Fields.Inputs:
                return ReadInputs(ref reader, call);
            case Fields.Outputs:
                return OutputParser.ReadAll(ref reader, call);
            case Fields.Parameters:
                return RequestParameters.Read(ref reader, call);
            case Fields.Id:
                return ReadId(ref reader, call);
            default:
                reader.Skip();
                return null;
        }
    }

    private static RequestFault? ReadInputs(ref Utf8JsonReader reader, InferCall call)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RequestFault.Invalid("inputs: not a list");
        }

        // Bounded by the signature: an unknown or repeated name ends it.
        for (var position = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; position++)
        {
            call.Draft.Begin(position);
            if (InputParser.Read(ref reader, call) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static RequestFault? ReadId(ref Utf8JsonReader reader, InferCall call)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return RequestFault.Invalid("id: not a string");
        }

        var length = reader.BytesConsumed - reader.TokenStartIndex;
        if (length > IdLengthMax)
        {
            return RequestFault.Invalid($"id: longer than {IdLengthMax} bytes");
        }

        call.Id = reader.ValueSpan.IsEmpty ? default : (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
        return null;
    }

    private static RequestFault? Complete(InferCall call)
    {
        var inputs = call.Model.Signature.Inputs;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!call.HasSeen(i))
            {
                return RequestFault.Invalid($"inputs: {ClientText.Quote(inputs[i].Name)} is missing");
            }
        }

        var left = call.Body.Length - call.NextBinaryByte;
        if (left != 0)
        {
            return RequestFault.Invalid($"the body has {left} bytes more than the JSON and the tensors' binary_data_size account for");
        }

        call.Rows = Math.Max(call.Rows, 1);
        return OutputParser.Complete(call);
    }
}
