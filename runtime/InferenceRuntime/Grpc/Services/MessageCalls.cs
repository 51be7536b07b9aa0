using Google.Protobuf;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Grpc.Services;

/// <summary>Runs the methods that are not hot, on generated messages. Thread safe.</summary>
internal sealed class MessageCalls(FrameReader frames, ReplicaLifecycle lifecycle, TimeProvider clock)
{
    /// <summary>Longest request, bytes: nothing that these methods ask needs more.</summary>
    public const int MessageBytesMax = 64 * 1024;

    /// <summary>A method with one request and one reply.</summary>
    public async ValueTask<GrpcStatus> UnaryAsync<TRequest>(
        GrpcExchange exchange, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, ValueTask<GrpcAnswer>> answer)
        where TRequest : class, IMessage<TRequest>
    {
        var (request, fault) = await ReadOnlyAsync(exchange, parser).ConfigureAwait(false);
        if (request is null)
        {
            return fault;
        }

        if (clock.GetTimestamp() >= exchange.DeadlineAt)
        {
            return GrpcStatus.Expired;
        }

        var (reply, status) = await answer(request, exchange.Aborted).ConfigureAwait(false);
        if (reply is not null)
        {
            GrpcReply.Write(exchange, reply);
        }

        return status;
    }

    /// <summary>A method with one request and many replies, which end when the client goes, at its deadline, or with the replica.</summary>
    public async ValueTask<GrpcStatus> ServerStreamAsync<TRequest>(
        GrpcExchange exchange, MessageParser<TRequest> parser, Func<TRequest, Func<IMessage, ValueTask>, CancellationToken, Task> answer)
        where TRequest : class, IMessage<TRequest>
    {
        var (request, fault) = await ReadOnlyAsync(exchange, parser).ConfigureAwait(false);
        if (request is null)
        {
            return fault;
        }

        using var span = new StreamSpan(exchange, lifecycle, clock);
        try
        {
            await answer(request, message => SendAsync(exchange, message), span.Token).ConfigureAwait(false);
            return GrpcStatus.Ok;
        }
        catch (OperationCanceledException)
        {
            return span.EndedBy;
        }
    }

    /// <summary>A method that answers each request of a stream by one reply, in turn.</summary>
    public async ValueTask<GrpcStatus> ConversationAsync<TRequest>(GrpcExchange exchange, MessageParser<TRequest> parser, Func<TRequest, IMessage> answer)
        where TRequest : class, IMessage<TRequest>
    {
        using var span = new StreamSpan(exchange, lifecycle, clock);
        try
        {
            while (true)
            {
                var (request, fault) = await ReadAsync(exchange, parser, span.Token).ConfigureAwait(false);
                if (request is null)
                {
                    return fault;
                }

                await SendAsync(exchange, answer(request)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return span.EndedBy;
        }
    }

    private static async ValueTask SendAsync(GrpcExchange exchange, IMessage message)
    {
        GrpcReply.Write(exchange, message);
        await exchange.Writer.FlushAsync(exchange.Aborted).ConfigureAwait(false);
    }

    /// <summary>Reads the one request of a call; without it, why.</summary>
    private async ValueTask<(TRequest? Request, GrpcStatus Fault)> ReadOnlyAsync<TRequest>(GrpcExchange exchange, MessageParser<TRequest> parser)
        where TRequest : class, IMessage<TRequest>
    {
        var (request, fault) = await ReadAsync(exchange, parser, exchange.Aborted).ConfigureAwait(false);
        if (request is null)
        {
            return (null, fault.Code == GrpcCode.Ok ? new GrpcStatus(GrpcCode.Unimplemented, "this method takes one message") : fault);
        }

        return await FrameReader.ReadEndAsync(exchange.Reader, exchange.Aborted).ConfigureAwait(false) is { } more ? (null, more) : (request, GrpcStatus.Ok);
    }

    /// <summary>Reads the next request; without one: OK at the end of the stream, or why.</summary>
    private async ValueTask<(TRequest? Request, GrpcStatus Fault)> ReadAsync<TRequest>(
        GrpcExchange exchange, MessageParser<TRequest> parser, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
    {
        var message = new PooledBuffer();
        try
        {
            var read = await frames.ReadAsync(exchange.Reader, message, MessageBytesMax, exchange.IsGzip, cancellationToken).ConfigureAwait(false);
            return read.IsMessage ? (parser.ParseFrom(message.Written.Span), GrpcStatus.Ok) : (null, read.Fault ?? GrpcStatus.Ok);
        }
        catch (InvalidProtocolBufferException)
        {
            return (null, GrpcStatus.Invalid("the message is not the one that this method takes"));
        }
        finally
        {
            frames.Release(message);
        }
    }
}
