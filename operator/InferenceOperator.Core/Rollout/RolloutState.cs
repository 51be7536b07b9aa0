namespace InferenceOperator.Core.Rollout;

/// <summary>Where an agent's revisions stand. Closed, immutable; with equal observations it goes on equally.</summary>
public abstract record RolloutState
{
    private RolloutState()
    {
    }

    /// <summary>One revision serves.</summary>
    /// <param name="Serving">It.</param>
    /// <param name="Last">How it came to that; null: it always did.</param>
    public sealed record Stable(RevisionName Serving, RolloutOutcome? Last = null) : RolloutState;

    /// <summary>One replica of the new revision is compared with the old one's.</summary>
    public sealed record Canary(RolloutProgress Progress) : RolloutState;

    /// <summary>The comparison was passed: the new side grows, the old one shrinks as far as the new carries; the test goes on.</summary>
    public sealed record Proceeding(RolloutProgress Progress) : RolloutState;

    /// <summary>The new side is to go although it carries some of the load: the old one grows first.</summary>
    /// <param name="Progress">The roll-out.</param>
    /// <param name="Outcome">How it will have ended.</param>
    public sealed record Returning(RolloutProgress Progress, RolloutOutcome Outcome) : RolloutState;
}
