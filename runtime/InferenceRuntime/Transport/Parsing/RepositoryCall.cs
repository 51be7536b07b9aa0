using System.Text.Json;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>Reads the bodies of the repository routes: Triton's model repository extension.</summary>
internal static class RepositoryCall
{
    /// <summary>Longest body, bytes.</summary>
    public const int LengthMax = 64 * 1024;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = InferRequestParser.DepthMax };

    /// <summary>Reads <c>{"ready": true}</c> of an index; an empty body asks for everything.</summary>
    public static RequestFault? ReadIndex(ReadOnlySpan<byte> body, out bool readyOnly)
    {
        var only = false;
        var fault = Read(body, (ref Utf8JsonReader reader) =>
        {
            if (!reader.ValueTextEquals("ready"u8))
            {
                reader.Skip();
                return null;
            }

            reader.Read();
            only = reader.TokenType == JsonTokenType.True;
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False ? null : RequestFault.Invalid("ready: not true or false");
        });
        readyOnly = only;
        return fault;
    }

    /// <summary>Reads the parameters of a load or an unload; those that would change what is loaded are refused, not passed over.</summary>
    public static RequestFault? ReadChange(ReadOnlySpan<byte> body) => Read(body, static (ref Utf8JsonReader reader) =>
    {
        if (!reader.ValueTextEquals("parameters"u8))
        {
            reader.Skip();
            return null;
        }

        reader.Read();
        return ReadParameters(ref reader);
    });

    private static RequestFault? ReadParameters(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RequestFault.Invalid("parameters: not an object");
        }

        for (var count = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; count++)
        {
            if (count == RequestParameters.CountMax)
            {
                return RequestFault.Invalid($"parameters: more than {RequestParameters.CountMax}");
            }

            if (reader.ValueTextEquals("config"u8) || reader.ValueSpan.StartsWith("file:"u8))
            {
                return new RequestFault(
                    StatusCodes.Status501NotImplemented, $"parameters: {ClientText.Quote(reader.ValueSpan)} is not supported: models are loaded as they lie in the repository");
            }

            reader.Skip();
        }

        return null;
    }

    private static RequestFault? Read(ReadOnlySpan<byte> body, ReadField field)
    {
        if (body.IsEmpty)
        {
            return null;
        }

        var reader = new Utf8JsonReader(body, Options);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return RequestFault.Invalid("the body is not a JSON object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (field(ref reader) is { } fault)
                {
                    return fault;
                }
            }

            reader.Read();
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return RequestFault.Invalid($"malformed JSON, or nested deeper than {InferRequestParser.DepthMax}");
        }
    }

    /// <summary>Reads the value of the property that the reader stands on.</summary>
    private delegate RequestFault? ReadField(ref Utf8JsonReader reader);
}
