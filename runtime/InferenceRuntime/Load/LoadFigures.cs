namespace InferenceRuntime.Load;

/// <summary>What was seen of the requests of a stretch of time; latencies in milliseconds, of answered requests, from their due time.</summary>
internal sealed record LoadFigures
{
    /// <summary>Requests that fell due.</summary>
    public required long Due { get; init; }

    /// <summary>Answered with 200.</summary>
    public required long Answered { get; init; }

    /// <summary>Answered with another status, by status.</summary>
    public required IReadOnlyDictionary<string, long> Refused { get; init; }

    /// <summary>Never answered: the connection broke or the time limit passed.</summary>
    public required long Lost { get; init; }

    /// <summary>Answered, but not with what was expected.</summary>
    public required long Wrong { get; init; }

    /// <summary>Answered within the SLO; 0 when none was given.</summary>
    public required long WithinSlo { get; init; }

    /// <summary>Answered requests per second.</summary>
    public required double Rate { get; init; }

    public required double MeanMs { get; init; }

    public required double P50Ms { get; init; }

    public required double P90Ms { get; init; }

    public required double P99Ms { get; init; }

    public required double P999Ms { get; init; }

    public required double MaxMs { get; init; }
}
