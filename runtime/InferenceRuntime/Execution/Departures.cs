using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Execution;

/// <summary>Requests that left the queue unexecuted and whose outcome is due: collected under the queue's lock, answered without it.</summary>
/// <param name="Expired">Those whose deadline passed, linked; null for none.</param>
/// <param name="Displaced">Those that made room for a higher priority, linked; null for none.</param>
/// <param name="ToDisplaced">What the displaced are told.</param>
internal readonly record struct Departures(PendingInference? Expired, PendingInference? Displaced, InferenceOutcome ToDisplaced)
{
    /// <summary>What the expired are told.</summary>
    public static readonly InferenceOutcome ToExpired = new InferenceOutcome.Expired();

    public bool IsEmpty => Expired is null && Displaced is null;

    /// <summary>Takes what has left <paramref name="queue"/> since the last call. The caller holds the queue's lock.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="any">True when anything left it, also what is answered later by its running pieces.</param>
    public static Departures FromLocked(BatchQueue queue, out bool any)
    {
        var (expired, displaced) = (queue.TakeExpired(), queue.TakeDisplaced());
        any = expired is not null || displaced is not null;
        if (!any)
        {
            return default;
        }

        var toDisplaced = new InferenceOutcome.QueueFull(queue.RetryAfter());
        return new Departures(DueLocked(expired, ToExpired), DueLocked(displaced, toDisplaced), toDisplaced);
    }

    // A split request of which a piece still runs gets its outcome with the end of that piece.
    private static PendingInference? DueLocked(WaitingRequest? first, InferenceOutcome outcome)
    {
        PendingInference? due = null;
        for (var departed = (PendingInference?)first; departed is not null;)
        {
            var next = (PendingInference?)departed.NextDeparted;
            if (departed.Split?.FailLocked(outcome) ?? true)
            {
                departed.NextDeparted = due;
                due = departed;
            }

            departed = next;
        }

        return due;
    }
}
