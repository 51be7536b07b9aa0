using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Execution;

/// <summary>Requests that left the queue unexecuted: collected under the queue's lock, answered without it.</summary>
/// <param name="Expired">Those whose deadline passed, linked; null for none.</param>
/// <param name="Displaced">Those that made room for a higher priority, linked; null for none.</param>
/// <param name="RetryAfter">What the displaced are told.</param>
internal readonly record struct Departures(WaitingRequest? Expired, WaitingRequest? Displaced, TimeSpan RetryAfter)
{
    public bool IsEmpty => Expired is null && Displaced is null;

    /// <summary>Takes what has left <paramref name="queue"/> since the last call. The caller holds the queue's lock.</summary>
    public static Departures FromLocked(BatchQueue queue)
    {
        var (expired, displaced) = (queue.TakeExpired(), queue.TakeDisplaced());
        return new Departures(expired, displaced, displaced is null ? TimeSpan.Zero : queue.RetryAfter());
    }

    /// <summary>Gives each its outcome. The caller holds no lock.</summary>
    public void Answer(BatchDispatcher dispatcher)
    {
        if (Expired is not null)
        {
            Answer(dispatcher, Expired, new InferenceOutcome.Expired());
        }

        if (Displaced is not null)
        {
            Answer(dispatcher, Displaced, new InferenceOutcome.QueueFull(RetryAfter));
        }
    }

    private static void Answer(BatchDispatcher dispatcher, WaitingRequest? first, InferenceOutcome outcome)
    {
        for (var departed = first; departed is not null;)
        {
            // Completing hands the object back to its pool: read the link first.
            var next = departed.NextDeparted;
            dispatcher.Fail((PendingInference)departed, outcome);
            departed = next;
        }
    }
}
