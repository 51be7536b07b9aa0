namespace InferenceOperator.Local.Endpoint;

/// <summary>One request that waits for a replica.</summary>
/// <param name="except">A replica that has just failed it; used only when there is no other.</param>
/// <param name="bytes">Length of its body.</param>
internal sealed class WaitingRequest(Upstream? except, long bytes)
{
    private readonly TaskCompletionSource<Upstream?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Upstream? Except => except;

    public long Bytes => bytes;

    /// <summary>The replica, acquired; null when nothing is to be waited for any more.</summary>
    public Task<Upstream?> Outcome => _outcome.Task;

    /// <summary>Ends the wait. Only who took the request out of the line may call it, so that it is called once.</summary>
    public void End(Upstream? upstream) => _outcome.SetResult(upstream);
}
