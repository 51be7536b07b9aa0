using System.Buffers.Text;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace InferenceOperator.Local.Endpoint;

/// <summary>What the endpoint must know of a reply's status line and headers.</summary>
/// <param name="Status">Status code, 100 to 599.</param>
/// <param name="HeadBytes">Bytes up to and with the empty line.</param>
/// <param name="Framing">How the body ends.</param>
/// <param name="BodyBytes">Bytes of the body when <paramref name="Framing"/> is Length, else 0.</param>
/// <param name="StaysOpen">True when the connection can carry another exchange.</param>
internal readonly record struct ReplyHead(int Status, int HeadBytes, ReplyFraming Framing, long BodyBytes, bool StaysOpen)
{
    /// <summary>Reads a head from the beginning of what has been received; false when it is not all there yet.</summary>
    /// <exception cref="IOException">What is there is no HTTP/1.1 reply.</exception>
    public static bool TryParse(ReadOnlySpan<byte> received, bool noBody, out ReplyHead head)
    {
        head = default;
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var status = ParseStatus(received);
        var framing = ReplyFraming.UntilClose;
        long length = 0;
        var open = received[7] == (byte)'1';
        var lines = received[..(end + 2)];
        lines = lines[(lines.IndexOf("\r\n"u8) + 2)..];
        while (TryTakeField(ref lines, out var name, out var value))
        {
            if (Is(name, "content-length"u8))
            {
                if (!Utf8Parser.TryParse(value, out length, out var used) || used != value.Length || length < 0)
                {
                    throw new IOException("the reply's Content-Length cannot be read");
                }

                framing = framing is ReplyFraming.Chunked ? framing : ReplyFraming.Length;
            }
            else if (Is(name, "transfer-encoding"u8))
            {
                framing = Is(value, "chunked"u8) ? ReplyFraming.Chunked : throw new IOException("the reply has an unknown Transfer-Encoding");
            }
            else if (Is(name, "connection"u8) && Is(value, "close"u8))
            {
                open = false;
            }
        }

        if (noBody || status is < 200 or 204 or 304)
        {
            framing = ReplyFraming.None;
        }

        head = new ReplyHead(status, end + 4, framing, framing is ReplyFraming.Length ? length : 0, open && framing is not ReplyFraming.UntilClose);
        return true;
    }

    /// <summary>Copies status and headers to the client's response; what belongs to one connection or is written anew stays behind.</summary>
    public static void Apply(in ReplyHead head, ReadOnlySpan<byte> bytes, HttpResponse response)
    {
        response.StatusCode = head.Status;
        var lines = bytes[..(head.HeadBytes - 2)];
        lines = lines[(lines.IndexOf("\r\n"u8) + 2)..];
        while (TryTakeField(ref lines, out var name, out var value))
        {
            if (Is(name, "content-type"u8))
            {
                response.ContentType = KnownContentType(value);
            }
            else if (!IsHopByHop(name))
            {
                response.Headers.Append(KnownName(name), Encoding.Latin1.GetString(value));
            }
        }

        if (head.Framing is ReplyFraming.Length)
        {
            response.ContentLength = head.BodyBytes;
        }
    }

    private static int ParseStatus(ReadOnlySpan<byte> received)
    {
        if (received.Length < 13
            || !received.StartsWith("HTTP/1."u8)
            || !Utf8Parser.TryParse(received.Slice(9, 3), out int status, out var used)
            || used != 3
            || status is < 100 or > 599)
        {
            throw new IOException("the reply does not begin with an HTTP/1.1 status line");
        }

        return status;
    }

    private static bool TryTakeField(ref ReadOnlySpan<byte> lines, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        var end = lines.IndexOf("\r\n"u8);
        if (end <= 0)
        {
            return false;
        }

        var colon = lines[..end].IndexOf((byte)':');
        if (colon <= 0)
        {
            throw new IOException("a header of the reply has no name");
        }

        name = lines[..colon];
        value = lines[(colon + 1)..end].Trim(" \t"u8);
        lines = lines[(end + 2)..];
        return true;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lowerCase) => Ascii.EqualsIgnoreCase(text, lowerCase);

    // Content-Length is set from the parsed value; Date is the endpoint's own.
    private static bool IsHopByHop(ReadOnlySpan<byte> name) =>
        Is(name, "content-length"u8) || Is(name, "date"u8) || Is(name, "server"u8) || Is(name, "connection"u8)
        || Is(name, "keep-alive"u8) || Is(name, "transfer-encoding"u8) || Is(name, "trailer"u8) || Is(name, "upgrade"u8)
        || Is(name, "proxy-authenticate"u8);

    private static string KnownContentType(ReadOnlySpan<byte> value) =>
        value.SequenceEqual("application/json"u8) ? "application/json"
        : value.SequenceEqual("application/octet-stream"u8) ? "application/octet-stream"
        : Encoding.Latin1.GetString(value);

    private static string KnownName(ReadOnlySpan<byte> name) =>
        Is(name, "inference-header-content-length"u8) ? "Inference-Header-Content-Length"
        : Is(name, "retry-after"u8) ? HeaderNames.RetryAfter
        : Encoding.Latin1.GetString(name);
}
