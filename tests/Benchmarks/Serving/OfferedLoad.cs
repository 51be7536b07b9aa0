using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A load as <c>inference-runtime bench</c> offers it.</summary>
/// <param name="Protocol">How it speaks.</param>
/// <param name="Distinct">So many different inputs in turn; 0: the 64 that bench draws.</param>
internal abstract record OfferedLoad(WireProtocol Protocol, int Distinct)
{
    /// <summary>Options of bench for this load.</summary>
    public IEnumerable<string> Options =>
    [
        "--protocol", Protocol.Option,
        .. Shape,
        .. Distinct > 0 ? (IEnumerable<string>)["--distinct", Invariant($"{Distinct}")] : [],
    ];

    private protected abstract IEnumerable<string> Shape { get; }

    /// <summary>Each of so many clients sends its next request when it has the reply to its last.</summary>
    public sealed record Closed(int Clients, int Rows, WireProtocol Protocol, int Distinct = 0) : OfferedLoad(Protocol, Distinct)
    {
        private protected override IEnumerable<string> Shape => ["--concurrency", Invariant($"{Clients}"), "--rows", Invariant($"{Rows}")];
    }

    /// <summary>One-row binary requests at a rate, whatever the server does.</summary>
    /// <param name="Rate">Requests per second.</param>
    /// <param name="Connections">Most requests on the wire at once.</param>
    public sealed record Open(double Rate, int Connections) : OfferedLoad(WireProtocol.Binary, Distinct: 0)
    {
        private protected override IEnumerable<string> Shape => ["--rate", Invariant($"{Rate}"), "--connections", Invariant($"{Connections}")];
    }
}
