using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Caching;

/// <summary>A computation under way that equal requests wait for.</summary>
/// <param name="key">The key's bytes; not to be changed.</param>
internal sealed class Flight(byte[] key)
{
    private readonly TaskCompletionSource _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InferenceOutcome? _outcome;

    /// <summary>The key's bytes.</summary>
    public byte[] Key => key;

    /// <summary>Completes when the computation has ended.</summary>
    public Task Landed => _landed.Task;

    /// <summary>What everybody gets; null while it is under way, and when it ended for its leader alone: somebody else has to lead.</summary>
    public InferenceOutcome? Outcome => Volatile.Read(ref _outcome);

    /// <summary>Compute time of the computation, microseconds.</summary>
    public double Cost { get; private set; }

    /// <summary>Ends it; once.</summary>
    public void Land(InferenceOutcome? outcome, double cost)
    {
        Cost = cost;
        Volatile.Write(ref _outcome, outcome);
        _landed.SetResult();
    }
}
