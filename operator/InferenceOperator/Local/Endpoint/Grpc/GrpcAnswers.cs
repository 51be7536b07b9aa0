using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>Writes what clients see of a call: messages, and how it ended.</summary>
internal static class GrpcAnswers
{
    /// <summary>Says how the call ended: in the trailers, or in the headers when there was no message.</summary>
    public static void End(HttpContext context, GrpcStatus status)
    {
        var headers = context.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        if (!context.Response.HasStarted)
        {
            headers = context.Response.Headers;
            headers.ContentType = GrpcHead.MediaType;
        }

        headers.GrpcStatus = status.Code;
        if (status.Message.Length > 0)
        {
            headers.GrpcMessage = status.Message;
        }

        if (status.PushbackMs is { } pushback)
        {
            headers["grpc-retry-pushback-ms"] = pushback;
        }
    }

    /// <summary>Begins a reply that has messages.</summary>
    public static Task BeginAsync(HttpContext context, string? encoding)
    {
        context.Response.ContentType = GrpcHead.MediaType;
        if (encoding is not null)
        {
            context.Response.Headers.GrpcEncoding = encoding;
        }

        return context.Response.StartAsync(context.RequestAborted);
    }

    /// <summary>Passes a replica's reply on.</summary>
    public static async Task WriteAsync(HttpContext context, GrpcReply reply)
    {
        if (reply.Body.Length > 0)
        {
            context.Response.ContentType = GrpcHead.MediaType;
            if (reply.Encoding is not null)
            {
                context.Response.Headers.GrpcEncoding = reply.Encoding;
            }

            await context.Response.BodyWriter.WriteAsync(reply.Body.Bytes, context.RequestAborted).ConfigureAwait(false);
        }

        End(context, reply.Status);
    }

    /// <summary>Answers a call by a message of the endpoint's own.</summary>
    public static async Task WriteAsync(HttpContext context, List<byte> message)
    {
        await BeginAsync(context, encoding: null).ConfigureAwait(false);
        await SendAsync(context, message).ConfigureAwait(false);
        End(context, GrpcStatus.Ok);
    }

    /// <summary>Sends one message of the endpoint's own.</summary>
    public static async Task SendAsync(HttpContext context, List<byte> message)
    {
        Write(context.Response.BodyWriter, message);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Writes one message; it is sent with the next flush.</summary>
    public static void Write(IBufferWriter<byte> writer, List<byte> message)
    {
        var target = writer.GetSpan(GrpcFrame.PrefixBytes + message.Count);
        GrpcFrame.WritePrefix(target, message.Count);
        message.CopyTo(target[GrpcFrame.PrefixBytes..]);
        writer.Advance(GrpcFrame.PrefixBytes + message.Count);
    }
}
