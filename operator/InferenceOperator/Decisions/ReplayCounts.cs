namespace InferenceOperator.Decisions;

/// <summary>What became of the lines of a log.</summary>
internal sealed record ReplayCounts
{
    public long Same { get; init; }

    public long Different { get; init; }

    public long UnknownRules { get; init; }

    public long Damaged { get; init; }

    public long Cut { get; init; }

    /// <summary>True: nothing but what a log of a stopped operator may hold.</summary>
    public bool IsGood => Different + UnknownRules + Damaged == 0;

    public override string ToString()
    {
        var text = Same == 1 ? "1 decision comes out again byte for byte" : $"{Same} decisions come out again byte for byte";
        text += Different > 0 ? $", {Different} not" : "";
        text += UnknownRules > 0 ? $", {UnknownRules} of rules that this release does not know" : "";
        text += Damaged > 0 ? $", {Damaged} damaged" : "";
        return text + (Cut > 0 ? $", {Cut} cut short" : "") + ".";
    }
}
