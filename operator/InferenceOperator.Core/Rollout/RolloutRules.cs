using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Rollout;

/// <summary>What is declared of roll-outs, in the planner's terms.</summary>
public sealed record RolloutRules
{
    /// <summary>Fewest and most requests that a new revision has to be seen with.</summary>
    private const double RequestsLeast = 100;
    private const double RequestsMost = 3000;

    /// <summary>Share of requests that a look at errors alone has to have a chance to see.</summary>
    private const double ShareWithoutSlo = 0.01;

    private static readonly TimeSpan QuietInCluster = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan QuietOnOneMachine = TimeSpan.FromSeconds(10);

    /// <summary>True: compare first. False: exchange the replicas at once.</summary>
    public bool IsGated { get; init; } = true;

    /// <summary>How many times as often as the old revision's requests the new one's may be bad; at least 1.</summary>
    public double Margin { get; init; } = 1.5;

    /// <summary>Share of requests that the SLO lets be slow; null: no SLO, so that only errors are compared.</summary>
    public double? MissesAllowed { get; init; }

    /// <summary>Share of shadowed rows on which the answers may differ, in (0, 1]; null: nothing is shadowed.</summary>
    public double? DiffersAllowed { get; init; }

    /// <summary>From the first new replica's start to ready, or from one to the next.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Longest comparison.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What then is done when it showed nothing.</summary>
    public InconclusiveRollout WhenInconclusive { get; init; }

    /// <summary>How long nobody asks for anything before a revision that is ready takes over without a comparison; null: it never does.</summary>
    public TimeSpan? ProceedsAfterQuiet { get; init; } = QuietInCluster;

    /// <summary>Replicas of the new revision for so long without a place make the old one give one.</summary>
    public TimeSpan PlaceAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A new replica that has failed for so long is a reason to go back.</summary>
    public TimeSpan FailingMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests to the new revision without which nothing is known: among fewer than 3/p, an event of probability p may well not be (rule of three).</summary>
    public int RequestsMin => (int)Math.Ceiling(Math.Clamp(3 / (MissesAllowed ?? ShareWithoutSlo), RequestsLeast, RequestsMost));

    /// <summary>Rows that have to be compared, by the same rule.</summary>
    public int RowsMin => (int)Math.Ceiling(Math.Clamp(3 / (DiffersAllowed ?? 1), RequestsLeast, RequestsMost));

    /// <summary>What a manifest declares.</summary>
    /// <param name="spec">The manifest.</param>
    /// <param name="isOneMachine">True: somebody may be waiting before the screen.</param>
    public static RolloutRules Of(AgentSpec spec, bool isOneMachine) => new()
    {
        IsGated = spec.Rollout.Strategy is RolloutStrategy.Gated,
        Margin = spec.Rollout.MarginFactor,
        MissesAllowed = spec.Slo is { } slo ? 1 - slo.Latency.Share : null,
        DiffersAllowed = spec.Rollout.Shadow is { } shadow ? 1 - shadow.MinAgreementShare : null,
        ReadyWithin = spec.Rollout.ReadyWithin.ToTimeSpan(),
        MaxDuration = spec.Rollout.MaxDuration.ToTimeSpan(),
        WhenInconclusive = spec.Rollout.WhenInconclusive,
        ProceedsAfterQuiet = (spec.Rollout.ProceedAfterQuiet?.ToTimeSpan() ?? (isOneMachine ? QuietOnOneMachine : QuietInCluster)) is var quiet && quiet > TimeSpan.Zero ? quiet : null,
    };
}
