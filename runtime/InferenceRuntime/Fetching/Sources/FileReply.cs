namespace InferenceRuntime.Fetching.Sources;

/// <summary>What came of asking for a file.</summary>
internal abstract record FileReply
{
    private FileReply()
    {
    }

    /// <summary>Its bytes follow.</summary>
    /// <param name="Response">Belongs to the receiver, who disposes it.</param>
    /// <param name="From">The first byte that follows.</param>
    /// <param name="Length">Of the whole file; null: the server does not say.</param>
    /// <param name="Tag">Its entity tag, if it has a strong one: equal tags mean equal bytes.</param>
    public sealed record Content(HttpResponseMessage Response, long From, long? Length, string? Tag) : FileReply, IDisposable
    {
        public void Dispose() => Response.Dispose();
    }

    /// <summary>The file is no longer the one whose bytes were asked for.</summary>
    public sealed record Changed : FileReply;

    /// <summary>Not now.</summary>
    /// <param name="Reason">Why, for people.</param>
    /// <param name="After">How long the server asks to wait; null: it does not say.</param>
    public sealed record Later(string Reason, TimeSpan? After) : FileReply;
}
