using System.Runtime.CompilerServices;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Observability;
using InferenceRuntime.Tracing;
using InferenceRuntime.Transport.Compression;
using InferenceRuntime.Transport.Parsing;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport;

/// <summary>Answers <c>POST …/infer</c>: the hot path.</summary>
/// <param name="metrics">Where requests are counted.</param>
/// <param name="lifecycle">Says whether work is taken.</param>
/// <param name="bodies">Reads bodies.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Where failures are told.</param>
/// <param name="traces">Where traces go; null for none.</param>
internal sealed partial class InferenceEndpoint(
    RequestMetrics metrics,
    ReplicaLifecycle lifecycle,
    RequestBody bodies,
    TimeProvider clock,
    ILogger<InferenceEndpoint> logger,
    RequestTraces? traces = null)
{
    /// <summary>Most versions that one request is brought to, after the first.</summary>
    public const int TurnsMax = 4;

    /// <summary>Bytes of tensors from which the JSON in front of them is looked at first.</summary>
    public const int UnreadMin = 64 * 1024;

    private static readonly RequestFault DrainingFault = new(StatusCodes.Status503ServiceUnavailable, "the server is draining");
    private static readonly RequestFault StartingFault = new(StatusCodes.Status503ServiceUnavailable, "the model is not ready");
    private static readonly RequestFault ExpiredFault = new(StatusCodes.Status504GatewayTimeout, "parameters.timeout passed before the request was executed");
    private static readonly RequestFault FailedFault = new(StatusCodes.Status500InternalServerError, "the model failed on this request");
    private static readonly RequestFault FullFault = new(StatusCodes.Status429TooManyRequests, "the queue is full");

    /// <summary>When a client whose body found no room is told to come again.</summary>
    private static readonly TimeSpan BodyRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Reads, runs and answers one request.</summary>
    public async Task RunAsync(RestExchange exchange)
    {
        metrics.Begin();
        exchange.Trace = traces?.BeginRest(exchange.Request, exchange.NamesVersion, exchange.ArrivedAt);
        var outcome = RequestOutcome.Failed;
        try
        {
            outcome = await AnswerAsync(exchange).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            HttpReply.CloseAfter(exchange.Features);
            outcome = await RefuseAsync(exchange, BrokenHttp.Fault(e)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            outcome = RequestOutcome.Cancelled;
        }
        catch (Exception e)
        {
            LogFailure(e);
            throw;
        }
        finally
        {
            if (outcome == RequestOutcome.Cancelled)
            {
                HttpReply.Abort(exchange.Features);
            }

            var endedAt = outcome == RequestOutcome.Answered ? exchange.AnsweredAt : clock.GetTimestamp();
            EndTrace(exchange, outcome, endedAt);
            exchange.Call.Clear();
            exchange.Reply.Clear();
            bodies.Release(exchange.Body);
            metrics.End(outcome, clock.GetElapsedTime(exchange.ArrivedAt, endedAt), exchange.Model.Served.Signature.Name);
        }
    }

    // Waits for its batch, as every request does: its state is pooled, not allocated.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RequestOutcome> AnswerAsync(RestExchange exchange)
    {
        if (!lifecycle.TakesWork)
        {
            return await RefuseAsync(exchange, lifecycle.Phase == ReplicaPhase.Starting ? StartingFault : DrainingFault).ConfigureAwait(false);
        }

        var headers = exchange.Request.Headers;
        if (CheckHead(headers, out var coding, out var headerLength) is { } headFault)
        {
            return await RefuseAsync(exchange, headFault).ConfigureAwait(false);
        }

        var aborted = exchange.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        if (coding == ContentCoding.Identity
            && exchange.Request.Headers.ContentLength - headerLength >= UnreadMin
            && await TurnAwayUnreadAsync(exchange, headerLength, aborted).ConfigureAwait(false) is { } full)
        {
            return await RefuseAsync(exchange, full).ConfigureAwait(false);
        }

        var fault = await ReadAsync(exchange, coding, aborted).ConfigureAwait(false);
        var readAt = clock.GetTimestamp();
        exchange.Trace?.ReadAt = readAt;
        for (var turns = 0; ; turns++)
        {
            fault ??= InferRequestParser.Parse(exchange.Body.Written, headerLength, exchange.Call);
            if (fault is not null)
            {
                return await RefuseAsync(exchange, fault).ConfigureAwait(false);
            }

            var call = exchange.Call;
            var request = new InferenceRequest(
                call.Inputs, call.Rows, call.Bytes, call.OutputsWanted, exchange.ArrivedAt, readAt,
                Deadline(exchange.ArrivedAt, call.TimeoutMicroseconds), call.Priority, exchange.Trace);
            var outcome = await exchange.Model.Engine.InferAsync(request, aborted).ConfigureAwait(false);
            if (outcome is InferenceOutcome.Answered answered)
            {
                return await ReplyAsync(exchange, answered, readAt).ConfigureAwait(false);
            }

            // A version that was replaced while the body was read: the one that took its place has its own signature.
            if (outcome is not InferenceOutcome.Draining || turns == TurnsMax || !lifecycle.TakesWork || !exchange.TurnToSuccessor(out fault))
            {
                return await RefuseAsync(exchange, outcome).ConfigureAwait(false);
            }
        }
    }

    // Half a megabyte costs as much to read as a small model to run: while the queue is full it is not read for nothing. The JSON in front of the
    // tensors is looked at where it lies. A request that may have a priority is read: it may displace another.
    private static async ValueTask<InferenceOutcome.QueueFull?> TurnAwayUnreadAsync(RestExchange exchange, int? headerLength, CancellationToken aborted)
    {
        var reader = exchange.Features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        var result = await reader.ReadAsync(aborted).ConfigureAwait(false);
        var mayHavePriority = MayHavePriority(result.Buffer.FirstSpan, headerLength);
        reader.AdvanceTo(result.Buffer.Start);
        return mayHavePriority ? null : exchange.Model.Engine.TurnAwayUnread();
    }

    private static bool MayHavePriority(ReadOnlySpan<byte> read, int? headerLength)
    {
        if (headerLength is not { } length || read.Length < length)
        {
            return true;
        }

        var json = read[..length];
        return json.IndexOf("priority"u8) >= 0 || json.Contains((byte)'\\');
    }

    /// <summary>Reads the body, and unpacks it where it is packed; null when it is in the exchange.</summary>
    private async ValueTask<RequestFault?> ReadAsync(RestExchange exchange, ContentCoding coding, CancellationToken aborted)
    {
        var reader = exchange.Features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        var declared = exchange.Request.Headers.ContentLength;
        if (coding == ContentCoding.Identity)
        {
            return await bodies.ReadAsync(reader, declared, exchange.Body, aborted).ConfigureAwait(false);
        }

        try
        {
            return await bodies.ReadAsync(reader, declared, exchange.Packed, aborted).ConfigureAwait(false)
                ?? bodies.Inflate(coding, exchange.Packed.Written, exchange.Body);
        }
        finally
        {
            bodies.Release(exchange.Packed);
        }
    }

    /// <summary>Sends the answer and adds up its phases.</summary>
    private async Task<RequestOutcome> ReplyAsync(RestExchange exchange, InferenceOutcome.Answered answered, long readAt)
    {
        long writingAt;
        try
        {
            if (exchange.Model.Formatter.Format(exchange.Call, answered.Outputs, exchange.Reply) is { } fault)
            {
                return await RefuseAsync(exchange, fault).ConfigureAwait(false);
            }

            writingAt = clock.GetTimestamp();
            exchange.Trace?.WritingAt = writingAt;
            CloseWhenLeaving(exchange);
            await InferenceReply.SendAsync(exchange, answered.Outputs).ConfigureAwait(false);
        }
        finally
        {
            answered.Release?.Invoke();
        }

        exchange.AnsweredAt = clock.GetTimestamp();
        var transfer = clock.GetElapsedTime(exchange.ArrivedAt, readAt) + clock.GetElapsedTime(writingAt, exchange.AnsweredAt);
        var overhead = clock.GetElapsedTime(exchange.ArrivedAt, exchange.AnsweredAt) - answered.Phases.Total - transfer;
        exchange.Model.Engine.Statistics.AddAnswered(answered.Phases, transfer, overhead < TimeSpan.Zero ? TimeSpan.Zero : overhead);
        return RequestOutcome.Answered;
    }

    private static void EndTrace(RestExchange exchange, RequestOutcome outcome, long endedAt)
    {
        if (exchange.Trace is not { } trace)
        {
            return;
        }

        exchange.Trace = null;
        var status = outcome == RequestOutcome.Failed ? StatusCodes.Status500InternalServerError : exchange.Features.GetRequiredFeature<IHttpResponseFeature>().StatusCode;
        RequestTraces.EndRest(trace, outcome, status, exchange.Model.Served.Signature, exchange.Call.Rows, endedAt);
    }

    private async Task<RequestOutcome> RefuseAsync(RestExchange exchange, InferenceOutcome outcome)
    {
        switch (outcome)
        {
            case InferenceOutcome.QueueFull full:
                HttpReply.RetryAfter(exchange.Features, full.RetryAfter);
                return await RefuseAsync(exchange, FullFault).ConfigureAwait(false);
            case InferenceOutcome.Expired:
                return await RefuseAsync(exchange, ExpiredFault).ConfigureAwait(false);
            case InferenceOutcome.Draining:
                return await RefuseAsync(exchange, DrainingFault).ConfigureAwait(false);
            case InferenceOutcome.Refused refused:
                return await RefuseAsync(exchange, RequestFault.Invalid(refused.Reason)).ConfigureAwait(false);
            case InferenceOutcome.Cancelled:
                return RequestOutcome.Cancelled;
            case InferenceOutcome.Failed:
            default:
                return await RefuseAsync(exchange, FailedFault).ConfigureAwait(false);
        }
    }

    private async Task<RequestOutcome> RefuseAsync(RestExchange exchange, RequestFault fault)
    {
        CloseWhenLeaving(exchange);
        if (fault.Status is StatusCodes.Status413PayloadTooLarge or StatusCodes.Status503ServiceUnavailable)
        {
            // What the client still sends is not worth reading.
            HttpReply.CloseAfter(exchange.Features);
        }
        else if (fault.Status == StatusCodes.Status429TooManyRequests && fault != FullFault)
        {
            HttpReply.RetryAfter(exchange.Features, BodyRetryAfter);
        }

        if (fault.Status == StatusCodes.Status415UnsupportedMediaType)
        {
            exchange.Features.GetRequiredFeature<IHttpResponseFeature>().Headers.AcceptEncoding = ContentCodings.Accepted;
        }

        await HttpReply.RefuseAsync(exchange.Features, fault).ConfigureAwait(false);
        return fault.Status switch
        {
            StatusCodes.Status429TooManyRequests => RequestOutcome.QueueFull,
            StatusCodes.Status503ServiceUnavailable => RequestOutcome.Draining,
            StatusCodes.Status504GatewayTimeout => RequestOutcome.Expired,
            StatusCodes.Status500InternalServerError => RequestOutcome.Failed,
            _ => RequestOutcome.Invalid,
        };
    }

    private static RequestFault? CheckHead(IHeaderDictionary headers, out ContentCoding coding, out int? headerLength)
    {
        headerLength = null;
        return ContentCodings.Read(headers.ContentEncoding, out coding) ?? InferenceHeader.Read(headers[InferenceHeader.Name], out headerLength);
    }

    private void CloseWhenLeaving(RestExchange exchange)
    {
        if (lifecycle.SendsClientsAway || exchange.IsOld)
        {
            HttpReply.CloseAfter(exchange.Features);
        }
    }

    private long Deadline(long arrivedAt, long timeoutMicroseconds)
    {
        if (timeoutMicroseconds == 0)
        {
            return long.MaxValue;
        }

        var deadline = arrivedAt + ((Int128)timeoutMicroseconds * clock.TimestampFrequency / 1_000_000);
        return deadline > long.MaxValue ? long.MaxValue : (long)deadline;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed in a way that nothing answers for")]
    private partial void LogFailure(Exception exception);
}
