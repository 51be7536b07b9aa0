using System.Buffers;
using System.Text;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>The form of <c>grpc-message</c>: UTF-8, with <c>%</c> and every byte outside 0x20 to 0x7E as <c>%</c> and two hexadecimal digits.</summary>
/// <remarks>Source: gRPC over HTTP2, "Status-Message".</remarks>
internal static class StatusText
{
    /// <summary>Characters that are sent; what is over is cut off, so that trailers stay small.</summary>
    public const int LengthMax = 1024;

    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(0x20, 0x7F - 0x20).Select(static c => (char)c).Where(static c => c != '%')]);

    /// <summary>Text as it is sent.</summary>
    public static string Encode(string text)
    {
        var shown = text.Length > LengthMax ? text[..LengthMax] : text;
        if (!shown.AsSpan().ContainsAnyExcept(Plain))
        {
            return shown;
        }

        var encoded = new StringBuilder(shown.Length * 2);
        foreach (var unit in Encoding.UTF8.GetBytes(shown))
        {
            _ = Plain.Contains((char)unit) ? encoded.Append((char)unit) : encoded.Append('%').Append(Convert.ToHexString([unit]));
        }

        return encoded.ToString();
    }

    /// <summary>What was encoded so. Used where a status becomes part of a message.</summary>
    public static string Decode(string encoded) => encoded.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(encoded) : encoded;
}
