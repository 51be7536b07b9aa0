namespace InferenceOperator.Core.Rollout;

/// <summary>Every other bet of a measure: what holds on to a replica in one bet and in its neighbour is over when this strand bets again. Immutable.</summary>
public sealed record EvidenceStrand
{
    public static EvidenceStrand Start { get; } = new();

    /// <summary>Against "bad at most so many times as often as the old side".</summary>
    public BettingProcess Relative { get; init; } = BettingProcess.Start;

    /// <summary>Against "bad at most as often as is allowed".</summary>
    public BettingProcess Absolute { get; init; } = BettingProcess.Start;

    /// <summary>Natural logarithm of the evidence of harm.</summary>
    public double HarmLog => Math.Min(Relative.Log, Absolute.Log);
}
