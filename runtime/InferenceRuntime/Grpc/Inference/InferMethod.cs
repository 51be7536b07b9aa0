using System.Runtime.CompilerServices;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Observability;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Answers ModelInfer: the hot path.</summary>
internal sealed class InferMethod(GrpcInference inference, FrameReader frames, int messageBytesMax, RequestMetrics metrics, TimeProvider clock)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<GrpcStatus> RunAsync(GrpcExchange exchange)
    {
        metrics.Begin();
        var status = GrpcStatus.Internal;
        exchange.Call.ArrivedAt = exchange.ArrivedAt;
        inference.BeginTrace(exchange, exchange.Call);
        try
        {
            status = await AnswerAsync(exchange).ConfigureAwait(false);
            return status;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            status = GrpcStatus.Cancelled;
            return status;
        }
        finally
        {
            inference.EndTrace(exchange.Call, status);
            var model = exchange.Call.AnsweringModel;
            inference.Release(exchange.Call, frames);
            exchange.Reply.Clear();
            metrics.End(status.Outcome, clock.GetElapsedTime(exchange.ArrivedAt), model);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<GrpcStatus> AnswerAsync(GrpcExchange exchange)
    {
        if (inference.Closed is { } closed)
        {
            return closed;
        }

        var call = exchange.Call;
        var aborted = exchange.Aborted;
        var reader = exchange.Reader;
        var read = await frames.ReadAsync(reader, call.Message, messageBytesMax, exchange.IsGzip, aborted).ConfigureAwait(false);
        if (!read.IsMessage)
        {
            return read.Fault ?? new GrpcStatus(GrpcCode.Unimplemented, "this method takes one message");
        }

        if (await FrameReader.ReadEndAsync(reader, aborted).ConfigureAwait(false) is { } more)
        {
            return more;
        }

        call.ReadAt = clock.GetTimestamp();
        call.DeadlineAt = exchange.DeadlineAt;
        if (inference.Prepare(call) is { } fault)
        {
            return fault;
        }

        var outcome = await inference.RunAsync(call, aborted).ConfigureAwait(false);
        return await inference.AnswerAsync(exchange, call, outcome, streamed: false).ConfigureAwait(false);
    }
}
