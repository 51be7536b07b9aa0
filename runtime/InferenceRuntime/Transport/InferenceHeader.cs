using System.Globalization;
using InferenceRuntime.Transport.Parsing;
using Microsoft.Extensions.Primitives;

namespace InferenceRuntime.Transport;

/// <summary>The header that says where the JSON ends and binary tensors begin.</summary>
internal static class InferenceHeader
{
    public const string Name = "Inference-Header-Content-Length";

    /// <summary>Reads the header; null with a null length when it is absent.</summary>
    public static RequestFault? Read(StringValues values, out int? length)
    {
        length = null;
        if (values.Count == 0)
        {
            return null;
        }

        if (values.Count > 1 || !int.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return RequestFault.Invalid($"{Name}: not one whole number from 0 to {int.MaxValue}");
        }

        length = number;
        return null;
    }
}
