using System.Runtime.InteropServices;

namespace InferenceRuntime.Core.Batching;

/// <summary>Requests that are executed together, oldest first. Owned and reused by one worker.</summary>
public sealed class Batch
{
    private readonly List<WaitingRequest> _requests = [];

    /// <summary>Rows of all requests together.</summary>
    public int Rows { get; private set; }

    /// <summary>The requests, in the order of their rows. Valid until the batch is cleared.</summary>
    public ReadOnlySpan<WaitingRequest> Requests => CollectionsMarshal.AsSpan(_requests);

    /// <summary>Forgets the requests.</summary>
    public void Clear()
    {
        _requests.Clear();
        Rows = 0;
    }

    internal void Add(WaitingRequest request)
    {
        _requests.Add(request);
        Rows += request.Rows;
    }
}
