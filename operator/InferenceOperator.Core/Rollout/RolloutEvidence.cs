using System.Globalization;

namespace InferenceOperator.Core.Rollout;

/// <summary>What both measures say of the new side so far. Immutable.</summary>
public sealed record RolloutEvidence
{
    /// <summary>Chance that a revision no worse than the margin is sent back, over the whole roll-out and both measures, however often anybody looks.</summary>
    public const double FalseAlarms = 0.01;

    /// <summary>Share of requests that may be refused or fail.</summary>
    public const double ErrorsAllowed = 0.001;

    /// <summary>Blocks that a revision has to be seen in before it proceeds.</summary>
    public const int BlocksMin = 12;

    /// <summary>Evidence of harm from which on a revision does not proceed, although it is not sent back either.</summary>
    private static readonly double SuspectLog = Math.Log(3);

    // Two measures share the false alarms.
    private static readonly double HarmLog = Math.Log(2 / FalseAlarms);

    public static RolloutEvidence None { get; } = new();

    public MeasureEvidence Latency { get; init; } = MeasureEvidence.None;

    public MeasureEvidence Errors { get; init; } = MeasureEvidence.None;

    /// <summary>The evidence after one more block.</summary>
    /// <param name="block">Both sides over the same time.</param>
    /// <param name="rules">Margin and allowance.</param>
    public RolloutEvidence After(RolloutBlock block, RolloutRules rules) => new()
    {
        Latency = rules.MissesAllowed is { } allowed
            ? Latency.After(block.Old.Judged, block.Old.Missed, block.New.Judged, block.New.Missed, rules.Margin, allowed)
            : Latency,
        Errors = Errors.After(block.Old.Requests, block.Old.Failed, block.New.Requests, block.New.Failed, rules.Margin, ErrorsAllowed),
    };

    /// <summary>Why the new side has to go, with its figures; null: nothing is proven against it.</summary>
    public string? Harm() =>
        Latency.HarmLog >= HarmLog ? $"{Figures(Latency)} not answered within the SLO's target"
        : Errors.HarmLog >= HarmLog ? $"{Figures(Errors)} refused or failed"
        : null;

    /// <summary>What is missing until it may proceed; null: nothing.</summary>
    /// <param name="rules">Says how many requests it takes.</param>
    public string? Missing(RolloutRules rules)
    {
        if (Errors.Blocks < BlocksMin || Errors.NewCount < rules.RequestsMin)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"compared in {Errors.Blocks} of {BlocksMin} blocks of time, with {Errors.NewCount:0} of {rules.RequestsMin} requests to the new replica");
        }

        if (rules.MissesAllowed is not null && Latency.Blocks < BlocksMin)
        {
            return string.Create(CultureInfo.InvariantCulture, $"latency was compared in {Latency.Blocks} of {BlocksMin} blocks of time");
        }

        return Math.Max(Latency.HarmLog, Errors.HarmLog) >= SuspectLog ? "it looks worse than the old one, which has yet to be shown or to pass" : null;
    }

    private static string Figures(MeasureEvidence of) => string.Create(
        CultureInfo.InvariantCulture,
        $"of its requests {Percent(of.NewBad, of.NewCount):0.##} % (of the old revision's at the same time {Percent(of.OldBad, of.OldCount):0.##} %) were");

    private static double Percent(double bad, double count) => count > 0 ? 100 * bad / count : 0;
}
