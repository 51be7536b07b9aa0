using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>
/// One <c>ModelStreamInfer</c>: each of its requests is forwarded as a call of its own, to whatever replica has the fewest outstanding ones,
/// and they are answered in the order in which they came.
/// </summary>
/// <remarks>So a stream keeps no replica from being drained, and loses nothing when one is. A request that fails is answered by its error, and the stream goes on.</remarks>
internal sealed class StreamedCalls : IDisposable
{
    /// <summary>Requests of one stream that are forwarded at the same time; more wait in the client's window.</summary>
    public const int InFlightMax = 64;

    private const string Path = "/" + GrpcEndpoint.ServiceName + "/ModelInfer";

    // The fields of ModelStreamInferResponse, and that of the id in ModelInferResponse.
    private const int ErrorMessage = 1;
    private const int InferResponse = 2;
    private const byte InferResponseTag = (InferResponse << 3) | 2;
    private const int VarintBytesMax = 5;

    private readonly HttpContext _context;
    private readonly GrpcEndpoint _endpoint;
    private readonly GrpcForwarder _forwarder;
    private readonly GrpcHead _head;
    private readonly CallSpan _span;
    private readonly EndpointLimits _limits;
    private readonly HeldBytes _held;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _reading;
    private readonly Channel<Task<StreamedAnswer>> _answers = Channel.CreateBounded<Task<StreamedAnswer>>(new BoundedChannelOptions(InFlightMax) { SingleReader = true, SingleWriter = true });

    public StreamedCalls(
        HttpContext context, GrpcEndpoint endpoint, GrpcForwarder forwarder, GrpcHead head, CallSpan span, EndpointLimits limits, HeldBytes held, CancellationToken stopping)
    {
        (_context, _endpoint, _forwarder, _head, _span, _limits, _held, _stopping) = (context, endpoint, forwarder, head, span, limits, held, stopping);
        _reading = CancellationTokenSource.CreateLinkedTokenSource(span.Token, stopping);
    }

    /// <summary>A stream may rest: the least rate at which bodies have to come is for single requests.</summary>
    public static void MayRest(HttpContext context) => context.Features.GetRequiredFeature<IHttpMinRequestBodyDataRateFeature>().MinDataRate = null;

    /// <summary>Answers until the client has no more requests, goes away, or the endpoint stops; those inside are answered.</summary>
    public async Task<GrpcStatus> RunAsync()
    {
        var reading = ReadAllAsync();
        try
        {
            await GrpcAnswers.BeginAsync(_context, encoding: null).ConfigureAwait(false);
            await foreach (var pending in _answers.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                var answer = await pending.ConfigureAwait(false);
                using (answer.Reply)
                {
                    Write(answer);
                }

                // What is written is sent before anything is waited for.
                if (!_answers.Reader.TryPeek(out var next) || !next.IsCompleted)
                {
                    await _context.Response.BodyWriter.FlushAsync(_span.Token).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            await _reading.CancelAsync().ConfigureAwait(false);

            // To the end of them: the reading side may be waiting for room, and ends only after that.
            await foreach (var pending in _answers.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                (await pending.ConfigureAwait(false)).Reply.Dispose();
            }
        }

        return await reading.ConfigureAwait(false);
    }

    public void Dispose() => _reading.Dispose();

    private async Task<GrpcStatus> ReadAllAsync()
    {
        try
        {
            while (true)
            {
                var body = HeldBody.Empty(_held);
                var read = GrpcFrame.Outcome.Malformed;
                try
                {
                    read = await GrpcFrame.ReadAsync(_context.Request.BodyReader, body, _limits.BodyBytesMax, _reading.Token).ConfigureAwait(false);
                }
                finally
                {
                    if (read is not GrpcFrame.Outcome.Complete)
                    {
                        body.Dispose();
                    }
                }

                if (read is not GrpcFrame.Outcome.Complete)
                {
                    return Ended(read);
                }

                await _answers.Writer.WriteAsync(AnswerAsync(body), CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or BadHttpRequestException)
        {
            return _span.IsExpired ? GrpcStatus.Expired : GrpcStatus.Stopping;
        }
        finally
        {
            _answers.Writer.Complete();
        }
    }

    private GrpcStatus Ended(GrpcFrame.Outcome read) => read switch
    {
        GrpcFrame.Outcome.End => GrpcStatus.Ok,
        GrpcFrame.Outcome.TooLarge => _forwarder.TooLong(),
        GrpcFrame.Outcome.NoRoom => _forwarder.NoRoom(),
        GrpcFrame.Outcome.Malformed => GrpcStatus.Of(GrpcCode.InvalidArgument, "the stream is no series of messages with their lengths before them"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private async Task<StreamedAnswer> AnswerAsync(HeldBody body)
    {
        using (body)
        {
            var reply = new GrpcReply(_held);
            var id = IdIn(body.Bytes);
            try
            {
                return new StreamedAnswer(id, await ForwardAsync(body, reply).ConfigureAwait(false), reply);
            }
            catch (OperationCanceledException)
            {
                return new StreamedAnswer(id, GrpcStatus.Stopping, reply); // Nobody reads it: the client has gone.
            }
        }
    }

    private async ValueTask<GrpcStatus> ForwardAsync(HeldBody body, GrpcReply reply)
    {
        if (GrpcEndpoint.NameIn(body.Bytes) is not { } name)
        {
            return GrpcStatus.Of(GrpcCode.InvalidArgument, "the message is no ModelInferRequest");
        }

        if (_endpoint.Find(name, out var fault) is not { } route)
        {
            return fault;
        }

        // Without an accepted encoding the reply is plain, so that it can be put into a message of the stream.
        var status = await _forwarder.ForwardAsync(route, new GrpcCall(Path, body.Bytes, _head.Encoding, AcceptEncoding: null, _head.Trace, _span), reply).ConfigureAwait(false);
        return status.IsOk && (!GrpcFrame.IsOne(reply.Body.Bytes.Span) || GrpcFrame.IsCompressed(reply.Body.Bytes.Span)) ? GrpcStatus.Failed : status;
    }

    private static string IdIn(ReadOnlyMemory<byte> frame) =>
        !GrpcFrame.IsCompressed(frame.Span) && TextField.TryFind(GrpcFrame.Message(frame).Span, TextField.Id, out var id) ? Encoding.UTF8.GetString(id) : "";

    private void Write(StreamedAnswer answer)
    {
        var writer = _context.Response.BodyWriter;
        if (!answer.Status.IsOk)
        {
            var failed = new List<byte>().Text(TextField.Id, answer.Id);
            GrpcAnswers.Write(writer, new List<byte>().Text(ErrorMessage, StatusText.Decode(answer.Status.Message)).Bytes(InferResponse, [.. failed]));
            return;
        }

        var response = GrpcFrame.Message(answer.Reply.Body.Bytes).Span;
        Span<byte> head = stackalloc byte[GrpcFrame.PrefixBytes + 1 + VarintBytesMax];
        head[GrpcFrame.PrefixBytes] = InferResponseTag;
        var length = GrpcFrame.PrefixBytes + 1 + ProtoText.WriteVarint(head[(GrpcFrame.PrefixBytes + 1)..], (uint)response.Length);
        GrpcFrame.WritePrefix(head, length - GrpcFrame.PrefixBytes + response.Length);
        System.Buffers.BuffersExtensions.Write(writer, head[..length]);
        System.Buffers.BuffersExtensions.Write(writer, response);
    }
}
