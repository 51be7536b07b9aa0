using System.Runtime.CompilerServices;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Tracing;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Takes an inference request from its message to its outcome. Thread safe.</summary>
internal sealed class GrpcInference(
    IModelRepository models, ReplicaLifecycle lifecycle, BodyBudget budget, TimeProvider clock, RequestTraces? traces = null)
{
    /// <summary>Why no work is taken now; null when it is.</summary>
    public GrpcStatus? Closed =>
        lifecycle.TakesWork ? null : lifecycle.Phase == ReplicaPhase.Starting ? GrpcStatus.Starting : GrpcStatus.Draining;

    /// <summary>Checks the call's message and finds who answers; null when it can be run.</summary>
    public GrpcStatus? Prepare(GrpcCall call)
    {
        if (call.Fields.Read(call.Bytes) is { } malformed)
        {
            return malformed;
        }

        call.ReadAddress();
        var lookup = models.Find(call.ModelName, call.ModelVersion);
        if (lookup is not ModelLookup.Found found)
        {
            return GrpcStatus.From(lookup, call.ModelName, call.ModelVersion);
        }

        call.Address(found);
        return InferRequestReader.Read(call, budget);
    }

    /// <summary>Runs a call that was prepared.</summary>
    /// <param name="call">The call; its memory is read until the outcome is there.</param>
    /// <param name="cancellationToken">Cancelled when the client goes away.</param>
    public ValueTask<InferenceOutcome> RunAsync(GrpcCall call, CancellationToken cancellationToken)
    {
        var inputs = call.Inputs;
        var deadline = inputs.TimeoutMicroseconds == 0
            ? call.DeadlineAt
            : Math.Min(call.DeadlineAt, CallHead.DeadlineAfter(call.ArrivedAt, inputs.TimeoutMicroseconds, clock));
        var request = new InferenceRequest(
            inputs.Inputs, inputs.Rows, inputs.Bytes, inputs.OutputsWanted, call.ArrivedAt, call.ReadAt, deadline, call.Priority, call.Trace);
        return call.Model.Engine.InferAsync(request, cancellationToken);
    }

    /// <summary>Sends what came of a call; where its version drained between the look-up and the call, what comes of it on the successor.</summary>
    /// <param name="exchange">The exchange that the reply goes to.</param>
    /// <param name="call">The call.</param>
    /// <param name="outcome">What came of running it; released here.</param>
    /// <param name="streamed">Whether the reply is one of a stream.</param>
    /// <returns>How it ended; only Ok when a reply was written.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<GrpcStatus> AnswerAsync(GrpcExchange exchange, GrpcCall call, InferenceOutcome outcome, bool streamed)
    {
        var aborted = exchange.Aborted;
        if (outcome is InferenceOutcome.Draining)
        {
            (outcome, var unfit) = await RunOnSuccessorAsync(call, aborted).ConfigureAwait(false);
            if (unfit is not null)
            {
                return unfit;
            }
        }

        if (outcome is not InferenceOutcome.Answered answered)
        {
            return GrpcStatus.From(outcome);
        }

        try
        {
            var writingAt = clock.GetTimestamp();
            call.Trace?.WritingAt = writingAt;
            var sent = await InferSending.SendAsync(exchange, call, answered.Outputs, streamed, aborted).ConfigureAwait(false);
            AddAnswered(call, answered, writingAt, clock.GetTimestamp());
            return sent;
        }
        finally
        {
            answered.Release?.Invoke();
        }
    }

    /// <summary>Begins the trace of a request whose arrival is noted, if it is to be recorded.</summary>
    /// <param name="exchange">The call that it came with.</param>
    /// <param name="call">The request.</param>
    public void BeginTrace(GrpcExchange exchange, GrpcCall call) =>
        call.Trace = traces?.BeginGrpc(exchange.Request.Path, exchange.Request.Headers, call.ArrivedAt);

    /// <summary>Ends the trace of a request, if it has one.</summary>
    /// <param name="call">The request.</param>
    /// <param name="status">How it ended.</param>
    public void EndTrace(GrpcCall call, GrpcStatus status)
    {
        if (call.Trace is { } trace)
        {
            call.Trace = null;
            trace.ReadAt = call.ReadAt;
            var isKnown = call.AnsweringModel.Length > 0;
            RequestTraces.EndGrpc(trace, status, isKnown ? call.Model.Served.Signature : null, isKnown ? call.Inputs.Rows : 0, clock.GetTimestamp());
        }
    }

    /// <summary>Gives back what the call holds, its message too.</summary>
    public void Release(GrpcCall call, FrameReader frames)
    {
        budget.Return(call.Decoded);
        call.Clear();
        frames.Release(call.Message);
    }

    /// <summary>Runs a call on whoever took the place of a version that drained between the look-up and the call.</summary>
    /// <returns>Draining when nobody did; with a fault, why the call cannot be run there.</returns>
    private async ValueTask<(InferenceOutcome Outcome, GrpcStatus? Fault)> RunOnSuccessorAsync(GrpcCall call, CancellationToken cancellationToken)
    {
        InferenceOutcome outcome = new InferenceOutcome.Draining();
        for (var turns = 0; turns < InferenceEndpoint.TurnsMax && outcome is InferenceOutcome.Draining && lifecycle.TakesWork; turns++)
        {
            if (ReferenceEquals(models.Find(call.ModelName, call.ModelVersion), call.Model.Found))
            {
                break;
            }

            budget.Return(call.Decoded);
            call.Restart();
            if (Prepare(call) is { } fault)
            {
                return (outcome, fault);
            }

            outcome = await RunAsync(call, cancellationToken).ConfigureAwait(false);
        }

        return (outcome, null);
    }

    /// <summary>Adds up the phases of an answered call.</summary>
    private void AddAnswered(GrpcCall call, InferenceOutcome.Answered answered, long writingAt, long answeredAt)
    {
        var transfer = clock.GetElapsedTime(call.ArrivedAt, call.ReadAt) + clock.GetElapsedTime(writingAt, answeredAt);
        var overhead = clock.GetElapsedTime(call.ArrivedAt, answeredAt) - answered.Phases.Total - transfer;
        call.Model.Engine.Statistics.AddAnswered(answered.Phases, transfer, overhead < TimeSpan.Zero ? TimeSpan.Zero : overhead);
    }
}
