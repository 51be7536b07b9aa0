namespace InferenceRuntime.Load;

/// <summary>A load as it was asked for, with all requests made.</summary>
internal sealed record LoadOptions
{
    /// <summary>The server's address.</summary>
    public required Uri Server { get; init; }

    public required string Model { get; init; }

    public required LoadProtocol Protocol { get; init; }

    /// <summary>Rows of each request, at least 1.</summary>
    public required int Rows { get; init; }

    public required LoadShape Shape { get; init; }

    /// <summary>Whole requests (gRPC: frames), sent in turn; at least one.</summary>
    public required IReadOnlyList<byte[]> Requests { get; init; }

    /// <summary>Where each request is made unlike the others; null: they are sent as they are.</summary>
    public DistinctElement? Distinct { get; init; }

    /// <summary>What rows are to be answered with; null: answers are not looked at. Not for JSON.</summary>
    public ExpectedAnswers? Expected { get; init; }

    /// <summary>Load before anything is counted; zero for none.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>A request without a reply for longer is lost; checked once a second.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Latency that attainment is counted against; null for none.</summary>
    public TimeSpan? Slo { get; init; }

    /// <summary>Seed of the arrivals.</summary>
    public required int Seed { get; init; }
}
