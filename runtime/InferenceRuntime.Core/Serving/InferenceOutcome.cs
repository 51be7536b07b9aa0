using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Serving;

/// <summary>What became of a request. Everyday answers such as a full queue are cases, not exceptions.</summary>
public abstract record InferenceOutcome
{
    private InferenceOutcome()
    {
    }

    /// <summary>The model ran.</summary>
    /// <param name="Outputs">
    /// One tensor for each output of the signature, in its order; empty where not wanted. Valid until the release.
    /// </param>
    /// <param name="Phases">Where the time went between acceptance and this answer.</param>
    /// <param name="Release">Gives the outputs' memory back; whoever receives this outcome calls it exactly once. Null: nothing to give back.</param>
    public sealed record Answered(TensorContent[] Outputs, PhaseTimes Phases, Action? Release) : InferenceOutcome;

    /// <summary>The queue is full, by requests or by bytes; nothing was executed.</summary>
    /// <param name="RetryAfter">How long the queue needs to drain at its present rate.</param>
    public sealed record QueueFull(TimeSpan RetryAfter) : InferenceOutcome;

    /// <summary>The deadline passed before execution; nothing was executed.</summary>
    public sealed record Expired : InferenceOutcome;

    /// <summary>The client went away while the request waited; nothing was executed.</summary>
    public sealed record Cancelled : InferenceOutcome;

    /// <summary>The server is draining and takes no new work.</summary>
    public sealed record Draining : InferenceOutcome;

    /// <summary>The request cannot be run by this model although its form is right (for example a shape that the graph refuses).</summary>
    /// <param name="Reason">Text fit for the client.</param>
    public sealed record Refused(string Reason) : InferenceOutcome;

    /// <summary>The run failed through no fault of the client; the cause has been logged.</summary>
    public sealed record Failed : InferenceOutcome;
}
