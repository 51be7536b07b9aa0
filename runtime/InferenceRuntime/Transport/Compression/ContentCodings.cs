using System.Globalization;
using InferenceRuntime.Transport.Parsing;
using Microsoft.Extensions.Primitives;

namespace InferenceRuntime.Transport.Compression;

/// <summary>Reads the headers that name content codings.</summary>
internal static class ContentCodings
{
    /// <summary>What a client is told that it may send.</summary>
    public const string Accepted = "gzip, deflate";

    private static readonly RequestFault UnknownCoding =
        new(StatusCodes.Status415UnsupportedMediaType, $"Content-Encoding: one of {Accepted} or identity is taken");

    /// <summary>The name of a coding in headers.</summary>
    public static string Name(this ContentCoding coding) => coding switch
    {
        ContentCoding.Identity => "identity",
        ContentCoding.Gzip => "gzip",
        ContentCoding.Deflate => "deflate",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Reads <c>Content-Encoding</c>; null when the coding is one that is taken. Several codings on one body are not.</summary>
    public static RequestFault? Read(StringValues values, out ContentCoding coding)
    {
        coding = ContentCoding.Identity;
        return values.Count == 0 || (values.Count == 1 && TryParse(values[0], out coding)) ? null : UnknownCoding;
    }

    /// <summary>The best coding that <c>Accept-Encoding</c> allows; identity when it names none that is known here.</summary>
    /// <remarks>Weights count; between equals the first in the header wins. A wildcard asks for nothing in particular.</remarks>
    public static ContentCoding Choose(StringValues values)
    {
        var (best, bestWeight) = (ContentCoding.Identity, 0.0);
        foreach (var value in values)
        {
            var rest = value.AsSpan();
            foreach (var part in rest.Split(','))
            {
                var item = rest[part];
                var semicolon = item.IndexOf(';');
                var weight = semicolon < 0 ? 1 : Weight(item[(semicolon + 1)..]);
                if (weight > bestWeight && TryParse(semicolon < 0 ? item : item[..semicolon], out var coding))
                {
                    (best, bestWeight) = (coding, weight);
                }
            }
        }

        return best;
    }

    private static bool TryParse(ReadOnlySpan<char> text, out ContentCoding coding)
    {
        text = text.Trim();
        var known = text.Equals("gzip", StringComparison.OrdinalIgnoreCase) || text.Equals("x-gzip", StringComparison.OrdinalIgnoreCase) ? ContentCoding.Gzip
            : text.Equals("deflate", StringComparison.OrdinalIgnoreCase) ? ContentCoding.Deflate
            : text.Equals("identity", StringComparison.OrdinalIgnoreCase) ? ContentCoding.Identity
            : (ContentCoding?)null;
        coding = known ?? ContentCoding.Identity;
        return known is not null;
    }

    /// <summary>The weight in <c>q=0.5</c>; 0, which refuses the coding, for anything malformed.</summary>
    private static double Weight(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.Trim();
        return parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) && weight is >= 0 and <= 1
            ? weight
            : 0;
    }
}
