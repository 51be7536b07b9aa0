using System.Text.Json;
using System.Text.Unicode;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control.Replay;

/// <summary>Decides recorded decisions again, each by the rules of its time, and compares byte for byte.</summary>
/// <remarks>One owner; not thread safe. Lines may be of any agents and come in any order.</remarks>
public sealed class DecisionReplay
{
    private readonly CapacityMemo _memo = new();

    /// <summary>Decides one record again.</summary>
    /// <param name="line">A line of the log, without the line feed. Need not be trusted.</param>
    public ReplayVerdict Of(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
        {
            return new ReplayVerdict.Damaged("it is no text in UTF-8");
        }

        JsonDocument recorded;
        try
        {
            recorded = JsonDocument.Parse(line.ToArray());
        }
        catch (JsonException e)
        {
            return IsCut(line) ? new ReplayVerdict.Cut() : new ReplayVerdict.Damaged(e.Message);
        }

        using (recorded)
        {
            return Of(line, recorded.RootElement);
        }
    }

    private ReplayVerdict Of(ReadOnlySpan<byte> line, JsonElement recorded)
    {
        if (recorded.ValueKind != JsonValueKind.Object || !recorded.TryGetProperty("rules", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out var rules))
        {
            return new ReplayVerdict.Damaged("it names no rules: no decision record");
        }

        byte[]? again;
        try
        {
            again = DecisionRules.Again(rules, line, _memo);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A record that nobody wrote, by hand or by chance, may break any promise on which the rules rely.
            return new ReplayVerdict.Damaged(e.Message);
        }

        if (again is null)
        {
            return new ReplayVerdict.UnknownRules(rules);
        }

        if (line.SequenceEqual(again))
        {
            return new ReplayVerdict.Same();
        }

        using var decided = JsonDocument.Parse(again);
        var (fields, count) = FieldDifferences.Of(recorded, decided.RootElement);
        return new ReplayVerdict.Different(fields, count);
    }

    /// <summary>True when the line is the begin of an object, and nothing in it is wrong so far.</summary>
    private static bool IsCut(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, isFinalBlock: false, state: default);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return line.Length > 0 && line[0] == (byte)'{';
    }
}
