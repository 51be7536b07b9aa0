using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>Writes the parts of a reply: its headers, its messages, its end.</summary>
internal static class GrpcReply
{
    private const string PushbackName = "grpc-retry-pushback-ms";

    private static readonly string[] CodeTexts = [.. Enumerable.Range(0, 17).Select(static c => c.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Sets the headers of a reply that has messages.</summary>
    public static void Begin(GrpcExchange exchange)
    {
        if (exchange.HasBegun)
        {
            return;
        }

        exchange.HasBegun = true;
        var headers = exchange.Features.GetRequiredFeature<IHttpResponseFeature>().Headers;
        headers.ContentType = CallHead.MediaType;
        if (exchange.IsGzip)
        {
            headers.GrpcAcceptEncoding = CallHead.Encodings;
            headers.GrpcEncoding = exchange.RepliesGzip ? Gzip.Name : "identity";
        }
    }

    /// <summary>Says how the call ended: in the trailers, or in the headers when there is no message.</summary>
    public static void End(GrpcExchange exchange, GrpcStatus status)
    {
        IHeaderDictionary end;
        if (exchange.HasBegun)
        {
            end = exchange.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        }
        else
        {
            end = exchange.Features.GetRequiredFeature<IHttpResponseFeature>().Headers;
            end.ContentType = CallHead.MediaType;
            if (status.Code == GrpcCode.Unimplemented)
            {
                end.GrpcAcceptEncoding = CallHead.Encodings;
            }
        }

        end.GrpcStatus = CodeTexts[(int)status.Code];
        if (status.Message.Length > 0)
        {
            end.GrpcMessage = StatusText.Encode(status.Message);
        }

        if (status.RetryAfter is { } time)
        {
            end[PushbackName] = Math.Clamp((long)Math.Ceiling(time.TotalMilliseconds), 1, int.MaxValue).ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Writes a message with its prefix; compressed when the exchange's replies are. It is sent with what comes next, or with the next flush.</summary>
    public static void Write(GrpcExchange exchange, IMessage message)
    {
        Begin(exchange);
        if (exchange.RepliesGzip)
        {
            message.WriteTo(exchange.Reply);
            WriteGzip(exchange);
            return;
        }

        var length = message.CalculateSize();
        WritePrefix(exchange.Writer, compressed: false, length);
        message.WriteTo(exchange.Writer);
    }

    /// <summary>Compresses what was put together in the exchange and writes it.</summary>
    public static void WriteGzip(GrpcExchange exchange)
    {
        var length = exchange.Reply.Length;
        Gzip.Deflate(exchange.Reply.Written.Span, exchange.Reply);
        var compressed = exchange.Reply.Written.Span[length..];
        WritePrefix(exchange.Writer, compressed: true, compressed.Length);
        exchange.Writer.Write(compressed);
        exchange.Reply.Clear();
    }

    /// <summary>Writes what stands before a message.</summary>
    public static void WritePrefix(IBufferWriter<byte> into, bool compressed, long length)
    {
        var prefix = into.GetSpan(FrameReader.PrefixLength);
        prefix[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], (uint)length);
        into.Advance(FrameReader.PrefixLength);
    }
}
