using System.Collections.Immutable;

namespace InferenceOperator.Core.Control.Replay;

/// <summary>What became of a line when it was decided again.</summary>
public abstract record ReplayVerdict
{
    private ReplayVerdict()
    {
    }

    /// <summary>The same record came out, byte for byte.</summary>
    public sealed record Same : ReplayVerdict;

    /// <summary>Another one came out.</summary>
    /// <param name="Fields">Where they differ, at most <see cref="FieldDifferences.ShownMax"/> of them. Empty: the same values, written in another way.</param>
    /// <param name="Count">How many fields differ.</param>
    public sealed record Different(ImmutableArray<FieldDifference> Fields, int Count) : ReplayVerdict;

    /// <summary>This release does not know the rules that it was made by.</summary>
    /// <param name="Rules">Their number.</param>
    public sealed record UnknownRules(int Rules) : ReplayVerdict;

    /// <summary>It ends before the record does: whoever wrote it was stopped.</summary>
    public sealed record Cut : ReplayVerdict;

    /// <summary>It is no record.</summary>
    /// <param name="Detail">Why, for people.</param>
    public sealed record Damaged(string Detail) : ReplayVerdict;
}
