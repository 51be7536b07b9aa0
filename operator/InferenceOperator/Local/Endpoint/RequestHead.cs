using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace InferenceOperator.Local.Endpoint;

/// <summary>Writes the head of a request for a replica: the client's method and target, and those headers that mean something to it.</summary>
internal static class RequestHead
{
    /// <summary>Bytes that a head may take; a longer one is refused with 431.</summary>
    public const int BytesMax = 32 * 1024;

    /// <summary>Writes the head into <paramref name="target"/>.</summary>
    /// <returns>Bytes written, or −1 when the head does not fit.</returns>
    public static int Write(HttpRequest request, long bodyBytes, Span<byte> target)
    {
        var writer = new SpanText(target);
        writer.Append(request.Method);
        writer.Append(" "u8);
        writer.Append(request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        writer.Append(" HTTP/1.1\r\nHost: replica\r\n"u8);
        foreach (var (name, values) in request.Headers)
        {
            if (!StaysBehind(name))
            {
                Append(ref writer, name, values);
            }
        }

        if (bodyBytes > 0 || HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method))
        {
            writer.Append("Content-Length: "u8);
            writer.Append(bodyBytes);
            writer.Append("\r\n"u8);
        }

        writer.Append("\r\n"u8);
        return writer.Overflowed ? -1 : writer.Length;
    }

    private static void Append(ref SpanText writer, string name, StringValues values)
    {
        foreach (var value in values)
        {
            writer.Append(name);
            writer.Append(": "u8);
            writer.Append(value ?? "");
            writer.Append("\r\n"u8);
        }
    }

    // What belongs to the client's own connection, is written anew, or means nothing to a replica.
    private static bool StaysBehind(string name) => name.Length switch
    {
        2 => Same(name, "TE"),
        4 => Same(name, "Host"),
        6 => Same(name, "Accept") || Same(name, "Expect") || Same(name, "Cookie"),
        7 => Same(name, "Trailer") || Same(name, "Upgrade"),
        10 => Same(name, "Connection") || Same(name, "User-Agent") || Same(name, "Keep-Alive"),
        13 => Same(name, "Authorization"),
        14 => Same(name, "Content-Length"),
        17 => Same(name, "Transfer-Encoding"),
        _ => name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase),
    };

    private static bool Same(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>Latin-1 text appended to a span, remembering when it did not fit.</summary>
    private ref struct SpanText(Span<byte> target)
    {
        private readonly Span<byte> _target = target;

        public int Length { get; private set; }

        public bool Overflowed { get; private set; }

        public void Append(ReadOnlySpan<byte> text)
        {
            if (!Overflowed && text.TryCopyTo(_target[Length..]))
            {
                Length += text.Length;
                return;
            }

            Overflowed = true;
        }

        public void Append(string text)
        {
            if (!Overflowed && text.Length <= _target.Length - Length)
            {
                Length += Encoding.Latin1.GetBytes(text, _target[Length..]);
                return;
            }

            Overflowed = true;
        }

        public void Append(long number)
        {
            if (!Overflowed && Utf8Formatter.TryFormat(number, _target[Length..], out var written))
            {
                Length += written;
                return;
            }

            Overflowed = true;
        }
    }
}
