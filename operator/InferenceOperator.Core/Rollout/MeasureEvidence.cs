namespace InferenceOperator.Core.Rollout;

/// <summary>What speaks against the new side by one measure. Immutable.</summary>
/// <remarks>
/// Harm has to be both: worse than the old side by more than the margin, and beyond what is allowed anyway. Each has its own test, and only both
/// together count, so that the chance of a false alarm is that of the less likely one. Of bad requests in a block, the new side's part is at most its part of the
/// traffic, weighted with the margin, while its requests are bad at most as often as the margin says: then also of whole batches or surges, however many fail together.
/// </remarks>
public sealed record MeasureEvidence
{
    public static MeasureEvidence None { get; } = new();

    /// <summary>Blocks in which both sides had requests.</summary>
    public int Blocks { get; init; }

    public double OldCount { get; init; }

    public double OldBad { get; init; }

    public double NewCount { get; init; }

    public double NewBad { get; init; }

    /// <summary>Against "bad at most so many times as often as the old side".</summary>
    public BettingProcess Relative { get; init; } = BettingProcess.Start;

    /// <summary>Against "bad at most as often as is allowed".</summary>
    public BettingProcess Absolute { get; init; } = BettingProcess.Start;

    /// <summary>Natural logarithm of the evidence of harm.</summary>
    public double HarmLog => Math.Min(Relative.Log, Absolute.Log);

    /// <summary>The evidence after one more block; a block in which a side had no request says nothing.</summary>
    /// <param name="oldCount">Requests of the old side.</param>
    /// <param name="oldBad">Bad ones of them.</param>
    /// <param name="newCount">Requests of the new side.</param>
    /// <param name="newBad">Bad ones of them.</param>
    /// <param name="margin">How many times as often as the old side's the new one's may be bad, at least 1.</param>
    /// <param name="allowed">Share that may be bad anyway, in (0, 1).</param>
    public MeasureEvidence After(double oldCount, double oldBad, double newCount, double newBad, double margin, double allowed)
    {
        if (oldCount < 1 || newCount < 1)
        {
            return this;
        }

        var bad = oldBad + newBad;
        var weighted = margin * newCount;
        return new()
        {
            Blocks = Blocks + 1,
            OldCount = OldCount + oldCount,
            OldBad = OldBad + oldBad,
            NewCount = NewCount + newCount,
            NewBad = NewBad + newBad,
            Relative = bad > 0 ? Relative.After(newBad / bad, weighted / (weighted + oldCount)) : Relative,
            Absolute = Absolute.After(newBad / newCount, allowed),
        };
    }
}
