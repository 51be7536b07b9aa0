using System.Globalization;

namespace InferenceOperator.Core.Rollout;

/// <summary>What the measures say of the new side so far. Immutable.</summary>
public sealed record RolloutEvidence
{
    /// <summary>Chance that a revision no worse than the margin is sent back, over the whole roll-out and all measures, however often anybody looks.</summary>
    public const double FalseAlarms = 0.01;

    /// <summary>Share of requests that may be refused or fail.</summary>
    public const double ErrorsAllowed = 0.001;

    /// <summary>Bets that a revision has to be seen in before it proceeds.</summary>
    public const int BlocksMin = 8;

    // The measures, and the two strands of each, share the false alarms.
    private double HarmLog => Math.Log((Agreement.Blocks > 0 ? 3 : 2) * MeasureEvidence.Strands / FalseAlarms);

    public static RolloutEvidence None { get; } = new();

    public MeasureEvidence Latency { get; init; } = MeasureEvidence.None;

    public MeasureEvidence Errors { get; init; } = MeasureEvidence.None;

    /// <summary>Of shadowed requests; none where nothing is shadowed.</summary>
    public MeasureEvidence Agreement { get; init; } = MeasureEvidence.None;

    /// <summary>True: more wealth than it began with leans towards harm.</summary>
    public bool IsSuspicious => Math.Max(Math.Max(Latency.HarmLog, Errors.HarmLog), Agreement.HarmLog) > 0;

    /// <summary>The evidence after one more block.</summary>
    /// <param name="block">Both sides over the same time.</param>
    /// <param name="rules">Margin and allowance.</param>
    /// <param name="reach">How long chance holds on to a replica.</param>
    public RolloutEvidence After(RolloutBlock block, RolloutRules rules, RolloutReach reach) => new()
    {
        Latency = rules.MissesAllowed is { } allowed
            ? Latency.After(new(block.Old.Judged, block.Old.Missed, block.New.Judged, block.New.Missed), rules.Margin, allowed, reach.Latency)
            : Latency,
        Errors = Errors.After(new(block.Old.Requests, block.Old.Failed, block.New.Requests, block.New.Failed), rules.Margin, ErrorsAllowed, reach.Errors),
        Agreement = rules.DiffersAllowed is { } differing ? Agreement.After(block.New.Compared, block.New.Differed, differing) : Agreement,
    };

    /// <summary>Why the new side has to go, with its figures; null: nothing is proven against it.</summary>
    public string? Harm() =>
        Latency.HarmLog >= HarmLog ? $"{Figures(Latency)} not answered within the SLO's target"
        : Errors.HarmLog >= HarmLog ? $"{Figures(Errors)} refused or failed"
        : Agreement.HarmLog >= HarmLog ? string.Create(
            CultureInfo.InvariantCulture,
            $"its answers differed from the old revision's in {Percent(Agreement.Total.NewBad, Agreement.Total.NewCount):0.##} % of {Agreement.Total.NewCount:0} rows, more than minAgreement allows")
        : null;

    /// <summary>What is missing until it may proceed; null: nothing.</summary>
    /// <param name="rules">Says how many requests it takes.</param>
    public string? Missing(RolloutRules rules)
    {
        if (Errors.Blocks < BlocksMin || Errors.Total.NewCount < rules.RequestsMin)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"compared in {Errors.Blocks} of {BlocksMin} blocks of time, with {Errors.Total.NewCount:0} of {rules.RequestsMin} requests to the new replica");
        }

        if (rules.MissesAllowed is not null && Latency.Blocks < BlocksMin)
        {
            return string.Create(CultureInfo.InvariantCulture, $"latency was compared in {Latency.Blocks} of {BlocksMin} blocks of time");
        }

        if (rules.DiffersAllowed is not null && (Agreement.Blocks < BlocksMin || Agreement.Total.NewCount < rules.RowsMin))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"answers were compared in {Agreement.Blocks} of {BlocksMin} blocks of time, on {Agreement.Total.NewCount:0} of {rules.RowsMin} rows");
        }

        return IsSuspicious ? "it looks worse than the old one, which has yet to be shown or to pass" : null;
    }

    private static string Figures(MeasureEvidence of) => string.Create(
        CultureInfo.InvariantCulture,
        $"of its requests {Percent(of.Total.NewBad, of.Total.NewCount):0.##} % (of the old revision's at the same time {Percent(of.Total.OldBad, of.Total.OldCount):0.##} %) were");

    private static double Percent(double bad, double count) => count > 0 ? 100 * bad / count : 0;
}
