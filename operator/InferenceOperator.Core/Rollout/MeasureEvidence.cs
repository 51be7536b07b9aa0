namespace InferenceOperator.Core.Rollout;

/// <summary>What speaks against the new side by one measure. Immutable.</summary>
/// <remarks>
/// Harm has to be both: worse than the old side by more than the margin, and beyond what is allowed anyway. Each has its own test, and only both
/// together count, so that the chance of a false alarm is that of the less likely one. Of bad requests in a bet's time, the new side's part is at most its part of the
/// traffic, weighted with the margin, while its requests are bad at most as often as the margin says: then also of whole batches or surges, however many fail together.
/// Bets are as long as the old replicas differ from one another, and two strands take them in turn, so that in neither a bet begins before the one before it is forgotten.
/// </remarks>
public sealed record MeasureEvidence
{
    public static MeasureEvidence None { get; } = new();

    /// <summary>Strands that bet in turn.</summary>
    public const int Strands = 2;

    /// <summary>Bets that were made.</summary>
    public int Blocks { get; init; }

    /// <summary>Both sides in all.</summary>
    public ComparedCounts Total { get; init; }

    /// <summary>Blocks of time in one bet; 0: none was made yet, or it is no longer known how long those were that were.</summary>
    public int BlocksPerBet { get; init; }

    /// <summary>Blocks of time in the bet that is not over.</summary>
    public int PendingBlocks { get; init; }

    /// <summary>Sum over them of the new side's part of the bad requests, as a multiple of what it may be.</summary>
    public double PendingRelative { get; init; }

    /// <summary>Sum over them of the share of the new side's requests that were bad.</summary>
    public double PendingAbsolute { get; init; }

    public EvidenceStrand Even { get; init; } = EvidenceStrand.Start;

    public EvidenceStrand Odd { get; init; } = EvidenceStrand.Start;

    /// <summary>The strand that says more.</summary>
    public EvidenceStrand Stronger => Even.HarmLog >= Odd.HarmLog ? Even : Odd;

    /// <summary>Natural logarithm of the evidence of harm.</summary>
    public double HarmLog => Stronger.HarmLog;

    /// <summary>The evidence after one more block of time; one in which a side had no request says nothing.</summary>
    /// <param name="counts">Both sides.</param>
    /// <param name="margin">How many times as often as the old side's the new one's may be bad, at least 1.</param>
    /// <param name="allowed">Share that may be bad anyway, in (0, 1).</param>
    /// <param name="reach">How long bets are to be; they never get shorter again.</param>
    public MeasureEvidence After(ComparedCounts counts, double margin, double allowed, BlockReach reach)
    {
        if (counts.OldCount < 1 || counts.NewCount < 1)
        {
            return this;
        }

        // Blocks count alike in a bet, however many requests were bad: else one disturbance would speak for all its time.
        var bad = counts.OldBad + counts.NewBad;
        var weighted = Math.Max(margin, reach.Spread) * counts.NewCount;
        var longer = Lengthened(reach.Blocks);
        var now = longer with
        {
            Total = longer.Total + counts,
            PendingBlocks = longer.PendingBlocks + 1,
            PendingRelative = longer.PendingRelative + (bad > 0 ? counts.NewBad / bad * (weighted + counts.OldCount) / weighted : 1),
            PendingAbsolute = longer.PendingAbsolute + (counts.NewBad / counts.NewCount),
        };
        return now.PendingBlocks < now.BlocksPerBet ? now : now.Bet(allowed);
    }

    /// <summary>The evidence of a measure that the new side is judged by alone, after one more block.</summary>
    /// <param name="count">What was judged; below 1 it says nothing.</param>
    /// <param name="bad">What of it was bad.</param>
    /// <param name="allowed">Share that may be, in (0, 1].</param>
    public MeasureEvidence After(double count, double bad, double allowed)
    {
        if (count < 1)
        {
            return this;
        }

        var share = bad / count;
        var now = this with { BlocksPerBet = 1, Total = Total + new ComparedCounts(0, 0, count, bad), PendingBlocks = 1, PendingRelative = share / allowed, PendingAbsolute = share };
        return now.Bet(allowed);
    }

    // What was won by shorter bets was won while too little was known of how long chance lasts.
    private MeasureEvidence Lengthened(int blocks) =>
        blocks <= BlocksPerBet ? this
        : BlocksPerBet == 0 ? this with { BlocksPerBet = blocks }
        : this with { BlocksPerBet = blocks, Blocks = Blocks * BlocksPerBet / blocks, Even = EvidenceStrand.Start, Odd = EvidenceStrand.Start };

    private MeasureEvidence Bet(double allowed)
    {
        var strand = Blocks % Strands == 0 ? Even : Odd;
        var after = new EvidenceStrand
        {
            Relative = strand.Relative.After(PendingRelative / PendingBlocks, 1),
            Absolute = strand.Absolute.After(PendingAbsolute / PendingBlocks, allowed),
        };
        return this with
        {
            Blocks = Blocks + 1,
            PendingBlocks = 0,
            PendingRelative = 0,
            PendingAbsolute = 0,
            Even = Blocks % Strands == 0 ? after : Even,
            Odd = Blocks % Strands == 0 ? Odd : after,
        };
    }
}
