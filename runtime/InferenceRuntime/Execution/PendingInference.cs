using System.Threading.Tasks.Sources;
using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Execution;

/// <summary>A request between acceptance and its outcome: the queue's entry and the caller's awaitable in one reusable object.</summary>
internal sealed class PendingInference : WaitingRequest, IValueTaskSource<InferenceOutcome>
{
    private static readonly Action<object?, CancellationToken> Cancel =
        static (state, _) => ((PendingInference)state!)._dispatcher.Cancel((PendingInference)state); // Registered with itself as state.

    private readonly BatchDispatcher _dispatcher;
    private readonly PendingPool _pool;
    private ManualResetValueTaskSourceCore<InferenceOutcome> _completion;
    private CancellationTokenRegistration _registration;
    private bool _isRegistered;

    /// <param name="dispatcher">Where it waits.</param>
    /// <param name="pool">Where it goes after each use.</param>
    public PendingInference(BatchDispatcher dispatcher, PendingPool pool)
    {
        _dispatcher = dispatcher;
        _pool = pool;

        // The worker must not run the transport's code.
        _completion.RunContinuationsAsynchronously = true;
    }

    /// <summary>The request that waits. Its memory is the caller's.</summary>
    public InferenceRequest Request { get; private set; } = null!; // Set by Begin before anything reads it.

    /// <summary>The pieces of a request that was split; null for any other. Set under the dispatcher's lock before the first piece runs.</summary>
    public SplitInference? Split { get; set; }

    /// <summary>True once its client has gone away. Guarded by the dispatcher's lock.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The awaitable of the present use.</summary>
    public ValueTask<InferenceOutcome> Outcome => new(this, _completion.Version);

    /// <summary>Starts a use.</summary>
    public void Begin(InferenceRequest request, ShapeKey shape)
    {
        Request = request;
        Describe(request.Rows, request.Bytes, shape, request.DeadlineAt, request.Priority);
    }

    /// <summary>Lets a cancellation take the request out of the queue, or end its run. Called by the caller's thread after acceptance.</summary>
    public void WatchFor(CancellationToken cancellationToken)
    {
        _registration = cancellationToken.UnsafeRegister(Cancel, this);
        _isRegistered = true;
    }

    /// <summary>Gives the outcome; exactly once a use, by whoever took the request out of the queue.</summary>
    public void Complete(InferenceOutcome outcome) => _completion.SetResult(outcome);

    /// <summary>Ends a use that never waited.</summary>
    public void Abandon() => _pool.Return(this);

    /// <inheritdoc/>
    public InferenceOutcome GetResult(short token)
    {
        var outcome = _completion.GetResult(token);

        // A cancellation that is running right now still holds this object: it is then left to the garbage collector,
        // so that it cannot withdraw a later request.
        if (!_isRegistered || _registration.Unregister())
        {
            _pool.Return(this);
        }

        return outcome;
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>Makes the object ready for the next use.</summary>
    public void Reset()
    {
        Split = null;
        IsCancelled = false;
        Request = null!; // Nothing reads it until the next Begin.
        _registration = default;
        _isRegistered = false;
        _completion.Reset();
    }
}
