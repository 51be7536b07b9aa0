namespace InferenceRuntime.Core.Serving;

/// <summary>One copy of a model that runs one batch at a time: on a processor, on an accelerator, or simulated.</summary>
/// <remarks>Called by one thread at a time. Disposed by its owner when no run is under way.</remarks>
public interface IModelInstance : IDisposable
{
    /// <summary>Packs the requests' rows together, runs the model, and slices each request's outputs out.</summary>
    /// <param name="requests">At least one; of one shape when there are several. Their memory is only read, and only during the call.</param>
    /// <param name="rows">Rows of all requests together.</param>
    /// <param name="answers">
    /// As long as <paramref name="requests"/>; filled in the same order when the result is <see cref="RunStatus.Done"/>, and
    /// left without anything to release otherwise.
    /// </param>
    RunResult Run(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers);

    /// <summary>
    /// Asks the run that is under way to end early, because nobody waits for it; it then ends with any status. Called by
    /// another thread while <see cref="Run"/> runs. An instance that cannot does nothing.
    /// </summary>
    void RequestAbort()
    {
    }

    /// <summary>Takes the request back: the next run is to end by itself. Called while no run is under way.</summary>
    void WithdrawAbort()
    {
    }

    /// <summary>Gives back memory that only running needs; the next run takes it again. Called between runs by the thread that runs.</summary>
    void GiveMemoryBack()
    {
    }
}
