using InferenceRuntime.Core.Serving;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Takes an inference request from its message to its outcome. Thread safe.</summary>
internal sealed class GrpcInference(IModelRepository models, ReplicaLifecycle lifecycle, BodyBudget budget, TimeProvider clock)
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
            inputs.Inputs, inputs.Rows, inputs.Bytes, inputs.OutputsWanted, call.ArrivedAt, call.ReadAt, deadline, call.Priority);
        return call.Model.Engine.InferAsync(request, cancellationToken);
    }

    /// <summary>Runs a call on whoever took the place of a version that drained between the look-up and the call.</summary>
    /// <returns>Draining when nobody did; with a fault, why the call cannot be run there.</returns>
    public async ValueTask<(InferenceOutcome Outcome, GrpcStatus? Fault)> RunOnSuccessorAsync(GrpcCall call, CancellationToken cancellationToken)
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
    public void AddAnswered(GrpcCall call, InferenceOutcome.Answered answered, long writingAt, long answeredAt)
    {
        var transfer = clock.GetElapsedTime(call.ArrivedAt, call.ReadAt) + clock.GetElapsedTime(writingAt, answeredAt);
        var overhead = clock.GetElapsedTime(call.ArrivedAt, answeredAt) - answered.Phases.Total - transfer;
        call.Model.Engine.Statistics.AddAnswered(answered.Phases, transfer, overhead < TimeSpan.Zero ? TimeSpan.Zero : overhead);
    }

    /// <summary>Gives back what the call holds, its message too.</summary>
    public void Release(GrpcCall call, FrameReader frames)
    {
        budget.Return(call.Decoded);
        call.Clear();
        frames.Release(call.Message);
    }
}
