using System.Text.Json;
using InferenceOperator.Core.Control.Replay;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Control;

/// <summary>
/// The rules that decisions are made by, by number: a record names those that it was made by, and is decided again by them, whatever the
/// rules of the day are (docs/decisions/0055).
/// </summary>
/// <remarks>
/// Once a release has written records of a number, what that number decides and writes never changes: every line of
/// <c>Fixtures/rules-N.jsonl</c> in the tests has to come out to the byte. A change gets the next number and goes beside what was.
/// </remarks>
public static class DecisionRules
{
    /// <summary>The rules of this release.</summary>
    public const int Current = 1;

    /// <summary>The oldest rules whose records are still decided again.</summary>
    public const int Oldest = 1;

    /// <summary>Decides by the rules of this release; equal bases give equal records.</summary>
    public static DecisionRecord Decide(DecisionBasis basis) => Decider.Decide(basis, new CapacityMemo()).Record;

    /// <summary>On the SLO, by whatever may answer for good, by the rules of this release.</summary>
    public static SloVerdict Verdict(DecisionBasis basis) => Situation.Of(basis, new CapacityMemo()).Verdict;

    /// <summary>What the log holds of a decision.</summary>
    public static byte[] Line(DecisionRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, AgentJson.Default.DecisionRecord);

    /// <summary>Reads a line and decides it again by the rules that it names.</summary>
    /// <param name="rules">Their number.</param>
    /// <param name="line">The record.</param>
    /// <param name="memo">Saves finding capacities again.</param>
    /// <returns>The record that comes out, as a line; null: rules that this release does not know.</returns>
    /// <exception cref="JsonException">The line is no record by these rules, or one that no controller can have written.</exception>
    internal static byte[]? Again(int rules, ReadOnlySpan<byte> line, CapacityMemo memo) => rules switch
    {
        1 => Line(Decider.Decide(Checked(Read(line).Basis), memo).Record),
        _ => null,
    };

    /// <summary>Reads a line of this release's rules.</summary>
    /// <exception cref="JsonException">It is no record by them.</exception>
    public static DecisionRecord Read(ReadOnlySpan<byte> line) =>
        JsonSerializer.Deserialize(line, AgentJson.Default.DecisionRecord) ?? throw new JsonException("null is no record");

    private static DecisionBasis Checked(DecisionBasis basis) => BasisCheck.Fault(basis) is { } fault ? throw new JsonException(fault) : basis;
}
