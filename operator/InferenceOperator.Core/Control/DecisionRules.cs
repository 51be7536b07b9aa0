using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control;

/// <summary>The rules that decisions are made by, by number: a record names the one it was made by, and is decided again by that.</summary>
public static class DecisionRules
{
    /// <summary>The rules of this release.</summary>
    public const int Current = 1;

    /// <summary>Decides by the rules of this release; equal bases give equal records.</summary>
    public static DecisionRecord Decide(DecisionBasis basis) => Decider.Decide(basis, new CapacityMemo()).Record;
}
