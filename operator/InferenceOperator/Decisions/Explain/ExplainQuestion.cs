namespace InferenceOperator.Decisions.Explain;

/// <summary>Which decisions are to be explained.</summary>
/// <param name="Agent">Whose; null: of the only agent there is.</param>
/// <param name="At">Those up to this time; null: up to the end.</param>
/// <param name="Last">How many of them, the latest, at least 1; null: one of a log, all of a status.</param>
internal sealed record ExplainQuestion(AgentName? Agent, DateTimeOffset? At, int? Last)
{
    public const int LastMax = 1000;
}
