namespace InferenceRuntime.Fetching;

/// <summary>A model cannot be brought. The message is one sentence for people, without credentials or the query of an address.</summary>
internal sealed class FetchException : Exception
{
    public FetchException(FetchFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    public FetchException()
    {
    }

    public FetchException(string message)
        : base(message)
    {
    }

    public FetchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public FetchFault Fault { get; }

    /// <summary>True: the same may succeed later without a change of the manifest.</summary>
    public bool MayPass => Fault is FetchFault.Unreachable or FetchFault.TimedOut or FetchFault.StoreUnusable;
}
