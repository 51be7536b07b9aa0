namespace InferenceRuntime.Load;

/// <summary>When requests are sent.</summary>
internal abstract record LoadShape
{
    private LoadShape()
    {
    }

    /// <summary>At drawn instants, whatever the server does: latency counts from the instant at which a request was due.</summary>
    /// <param name="Phases">One after another.</param>
    /// <param name="Arrivals">How gaps are drawn.</param>
    /// <param name="ConnectionsMax">Most requests on the wire at once; later ones wait, and their wait counts.</param>
    public sealed record Open(IReadOnlyList<LoadPhase> Phases, ArrivalKind Arrivals, int ConnectionsMax) : LoadShape;

    /// <summary>Each of so many clients sends its next request when it has the reply to its last.</summary>
    public sealed record Closed(int Clients, TimeSpan Duration) : LoadShape;
}
