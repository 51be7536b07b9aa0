namespace InferenceOperator.Core.Rollout;

/// <summary>What is to be done about an agent's revisions now.</summary>
/// <param name="State">Where they stand after this look.</param>
/// <param name="Sides">What is to run.</param>
/// <param name="Reason">What it does or waits for, for people; empty when nothing is to be said.</param>
/// <param name="NeedsPerson">True: it does not go on without a change from outside.</param>
public sealed record RolloutPlan(RolloutState State, RolloutSides Sides, string Reason, bool NeedsPerson)
{
    /// <summary>Both sides while they are compared; null: nothing is.</summary>
    public (RevisionName From, RevisionName To)? Compared => State switch
    {
        RolloutState.Canary { Progress: var p } => (p.From, p.To),
        RolloutState.Proceeding { Progress: var p } => (p.From, p.To),
        _ => null,
    };
}
