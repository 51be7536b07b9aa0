namespace InferenceRuntime.Fetching.Network;

/// <summary>A connection was not made because nothing is read from that address. The message says why.</summary>
internal sealed class RefusedAddressException : Exception
{
    public RefusedAddressException(string message)
        : base(message)
    {
    }

    public RefusedAddressException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public RefusedAddressException()
    {
    }
}
