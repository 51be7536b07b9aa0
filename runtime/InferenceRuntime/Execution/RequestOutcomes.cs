using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Execution;

/// <summary>Gives requests the outcomes that are not a plain answer, and counts them. Called without the dispatcher's lock.</summary>
internal sealed class RequestOutcomes(EngineStatistics statistics, TimeProvider clock)
{
    /// <summary>Gives a request whose outcome is due one that is not an answer. </summary>
    public void Fail(PendingInference pending, InferenceOutcome outcome)
    {
        if (pending.Split is { } split)
        {
            Finish(pending, split);
            return;
        }

        statistics.AddFailure(clock.GetElapsedTime(pending.AcceptedAt));
        pending.Complete(outcome);
    }

    /// <summary>Gives a split request the outcome of its pieces, the last of which is there.</summary>
    public void Finish(PendingInference pending, SplitInference split)
    {
        var lasted = clock.GetElapsedTime(pending.AcceptedAt);
        var (lease, verdict) = split.Finish();
        if (verdict is not null)
        {
            statistics.AddFailure(lasted);
            pending.Complete(verdict);
            return;
        }

        var (queue, times) = split.Times(pending.AcceptedAt, lasted, clock);
        statistics.AddSuccesses(1, queue, times);
        pending.Complete(new InferenceOutcome.Answered(lease.Outputs, new PhaseTimes(queue, times.Infer, times.Input + times.Output), lease.Release));
    }

    /// <summary>Answers what left the queue without an execution.</summary>
    public void Answer(Departures departures)
    {
        Answer(departures.Expired, Departures.ToExpired);
        Answer(departures.Displaced, departures.ToDisplaced);
    }

    private void Answer(PendingInference? first, InferenceOutcome outcome)
    {
        for (var departed = first; departed is not null;)
        {
            // An outcome hands the object back to its pool: read the link first.
            var next = (PendingInference?)departed.NextDeparted;
            Fail(departed, outcome);
            departed = next;
        }
    }
}
