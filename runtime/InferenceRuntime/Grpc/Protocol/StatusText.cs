using System.Buffers;
using System.Text;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>The form of <c>grpc-message</c>: UTF-8 with <c>%</c> and every byte outside 0x20 to 0x7E as <c>%</c> and two hexadecimal digits.</summary>
/// <remarks>Source: gRPC over HTTP2, "Status-Message".</remarks>
internal static class StatusText
{
    /// <summary>Characters that are sent; the rest is cut off, so that the trailers stay small.</summary>
    public const int LengthMax = 1024;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x7F - 0x20).Select(static c => (char)c).Where(static c => c != '%')]);

    /// <summary>The header's value; the text itself when nothing has to be encoded.</summary>
    public static string Encode(string message)
    {
        var text = message.Length <= LengthMax ? message : message[..LengthMax];
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (value is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                encoded.Append((char)value);
            }
            else
            {
                encoded.Append('%').Append("0123456789ABCDEF"[value >> 4]).Append("0123456789ABCDEF"[value & 15]);
            }
        }

        return encoded.ToString();
    }
}
