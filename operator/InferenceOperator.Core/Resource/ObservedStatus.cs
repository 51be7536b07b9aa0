namespace InferenceOperator.Core.Resource;

/// <summary>What was last measured, over the last minute.</summary>
public sealed record ObservedStatus
{
    /// <summary>Requests per second, decimal text.</summary>
    public string Rate { get => field ?? "0"; init; } = "0";

    /// <summary>Null without an answered request.</summary>
    public Duration? P50 { get; init; }

    /// <summary>Null without an answered request.</summary>
    public Duration? P99 { get; init; }

    /// <summary>Percent of requests within the SLO, decimal text; null without SLO or request.</summary>
    public string? SloAttainment { get; init; }

    /// <summary>Time of the newest sample in it. Written anew when the figures have become others, and every ten minutes while there is traffic.</summary>
    public DateTimeOffset At { get; init; }
}
