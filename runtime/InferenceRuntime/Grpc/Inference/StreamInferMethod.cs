using System.Collections.Concurrent;
using System.Threading.Channels;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Grpc.Services;
using InferenceRuntime.Observability;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Answers ModelStreamInfer: many requests are run at the same time, and their replies leave in the order in which they came.</summary>
internal sealed class StreamInferMethod(
    GrpcInference inference, FrameReader frames, int messageBytesMax, RequestMetrics metrics, ReplicaLifecycle lifecycle, TimeProvider clock)
{
    /// <summary>Requests of one stream that are run at the same time; more wait in the client's window.</summary>
    public const int InFlightMax = 64;

    public async ValueTask<GrpcStatus> RunAsync(GrpcExchange exchange)
    {
        if (inference.Closed is { } closed)
        {
            return closed;
        }

        using var span = new StreamSpan(exchange, lifecycle, clock);
        var requests = Channel.CreateBounded<StreamedRequest>(new BoundedChannelOptions(InFlightMax) { SingleReader = true, SingleWriter = true });
        var spare = new ConcurrentBag<StreamedRequest>();
        var reading = ReadAllAsync(exchange, requests.Writer, spare, span);
        try
        {
            await ReplyAllAsync(exchange, requests.Reader, spare).ConfigureAwait(false);
        }
        finally
        {
            span.Close();
            await reading.ConfigureAwait(false);
            await TurnAwayAsync(requests.Reader).ConfigureAwait(false);
        }

        return await reading.ConfigureAwait(false);
    }

    /// <summary>Starts every request as it comes; gives how the stream ended on the client's side.</summary>
    private async Task<GrpcStatus> ReadAllAsync(GrpcExchange exchange, ChannelWriter<StreamedRequest> requests, ConcurrentBag<StreamedRequest> spare, StreamSpan span)
    {
        try
        {
            while (true)
            {
                var request = spare.TryTake(out var used) ? used : new StreamedRequest();
                var read = await ReadAsync(exchange, request.Call, span).ConfigureAwait(false);
                if (!read.IsMessage)
                {
                    return read.Fault ?? GrpcStatus.Ok;
                }

                Start(exchange, request);
                await requests.WriteAsync(request, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return span.EndedBy;
        }
        catch (IOException)
        {
            return GrpcStatus.Cancelled;
        }
        finally
        {
            requests.Complete();
        }
    }

    private async ValueTask<FrameReading> ReadAsync(GrpcExchange exchange, GrpcCall call, StreamSpan span)
    {
        var isRead = false;
        try
        {
            var read = await frames.ReadAsync(exchange.Reader, call.Message, messageBytesMax, exchange.IsGzip, span.Token).ConfigureAwait(false);
            isRead = read.IsMessage;
            return read;
        }
        finally
        {
            if (!isRead)
            {
                frames.Release(call.Message);
            }
        }
    }

    private void Start(GrpcExchange exchange, StreamedRequest request)
    {
        metrics.Begin();
        var call = request.Call;
        call.ArrivedAt = call.ReadAt = clock.GetTimestamp();
        call.DeadlineAt = exchange.DeadlineAt;
        inference.BeginTrace(exchange, call);
        request.Fault = inference.Closed ?? inference.Prepare(call);
        request.Outcome = request.Fault is null ? inference.RunAsync(call, exchange.Aborted).AsTask() : null;
    }

    private async ValueTask ReplyAllAsync(GrpcExchange exchange, ChannelReader<StreamedRequest> requests, ConcurrentBag<StreamedRequest> spare)
    {
        while (await requests.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (requests.TryRead(out var request))
            {
                // What is written is sent before anything is waited for. Where nothing is, a flush would send the headers before they are set.
                if (request.Outcome is { IsCompleted: false } && exchange.HasBegun)
                {
                    await exchange.Writer.FlushAsync(exchange.Aborted).ConfigureAwait(false);
                }

                await ReplyAsync(exchange, request).ConfigureAwait(false);
                spare.Add(request);
            }

            await exchange.Writer.FlushAsync(exchange.Aborted).ConfigureAwait(false);
        }
    }

    private async ValueTask ReplyAsync(GrpcExchange exchange, StreamedRequest request)
    {
        var status = GrpcStatus.Internal;
        var call = request.Call;
        try
        {
            status = request.Fault
                ?? await inference.AnswerAsync(exchange, call, await request.Outcome!.ConfigureAwait(false), streamed: true).ConfigureAwait(false); // Run when there is no fault.
            if (status.Code != GrpcCode.Ok)
            {
                GrpcReply.Write(exchange, new ModelStreamInferResponse
                {
                    ErrorMessage = status.Message,
                    InferResponse = new ModelInferResponse { Id = call.TextId() },
                });
            }
        }
        finally
        {
            inference.EndTrace(call, status);
            var model = call.AnsweringModel;
            inference.Release(call, frames);
            metrics.End(status.Outcome, clock.GetElapsedTime(call.ArrivedAt), model);
        }
    }

    /// <summary>Waits for what was started and cannot be answered any more, and gives its memory back.</summary>
    private async ValueTask TurnAwayAsync(ChannelReader<StreamedRequest> requests)
    {
        while (requests.TryRead(out var request))
        {
            if (request.Outcome is { } pending && await pending.ConfigureAwait(false) is InferenceOutcome.Answered answered)
            {
                answered.Release?.Invoke();
            }

            inference.EndTrace(request.Call, GrpcStatus.Cancelled);
            var model = request.Call.AnsweringModel;
            inference.Release(request.Call, frames);
            metrics.End(RequestOutcome.Cancelled, clock.GetElapsedTime(request.Call.ArrivedAt), model);
        }
    }
}
