using System.Text.Json;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>The <c>parameters</c> of a request. Those that this server does not know are passed over.</summary>
internal static class RequestParameters
{
    /// <summary>Most parameters of one object.</summary>
    public const int CountMax = 64;

    public static RequestFault? Read(ref Utf8JsonReader reader, InferCall call)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RequestFault.Invalid("parameters: not an object");
        }

        for (var count = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; count++)
        {
            if (count == CountMax)
            {
                return RequestFault.Invalid($"parameters: more than {CountMax}");
            }

            if (ReadOne(ref reader, call) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static RequestFault? ReadOne(ref Utf8JsonReader reader, InferCall call)
    {
        if (reader.ValueTextEquals("binary_data_output"u8))
        {
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            {
                return RequestFault.Invalid("parameters.binary_data_output: not true or false");
            }

            call.BinaryByDefault = reader.TokenType == JsonTokenType.True;
            return null;
        }

        if (reader.ValueTextEquals("timeout"u8))
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var microseconds) || microseconds < 0)
            {
                return RequestFault.Invalid("parameters.timeout: not a whole number of microseconds from 0 to 2^63-1");
            }

            call.TimeoutMicroseconds = microseconds;
            return null;
        }

        if (reader.ValueTextEquals("priority"u8))
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetUInt64(out var priority))
            {
                return RequestFault.Invalid("parameters.priority: not a whole number from 0 to 2^64-1");
            }

            call.Priority = priority;
            return null;
        }

        reader.Skip();
        return null;
    }
}
