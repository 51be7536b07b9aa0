namespace InferenceRuntime.Load;

/// <summary>Sends one ready-made request at a time.</summary>
internal interface ILoadConnection : IDisposable
{
    /// <summary>Sends the request and reads its reply to the end.</summary>
    /// <exception cref="IOException">No whole reply came.</exception>
    ValueTask<HttpReply> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken);

    /// <summary>Breaks off the exchange under way, from another thread; it then fails.</summary>
    void Abort();
}
