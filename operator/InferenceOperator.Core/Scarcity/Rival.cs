namespace InferenceOperator.Core.Scarcity;

/// <summary>An agent that has replicas which another one misses.</summary>
/// <param name="Agent"><c>namespace/name</c>.</param>
/// <param name="Replicas">Replicas granted to it.</param>
/// <param name="Standing">Why it goes before the other.</param>
public sealed record Rival(string Agent, int Replicas, RivalStanding Standing)
{
    public override string ToString() => Standing switch
    {
        RivalStanding.SetElsewhere => $"{Agent}, whose replicas are set elsewhere, has {Replicas}",
        RivalStanding.HigherPriority => $"{Agent} of higher priority has {Replicas}",
        RivalStanding.GainsMore => $"{Agent} of equal priority gains more from each of its {Replicas}",
        RivalStanding.KeepsMinimum => $"{Agent} keeps its minimum of {Replicas}",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
