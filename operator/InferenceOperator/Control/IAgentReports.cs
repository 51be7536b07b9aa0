namespace InferenceOperator.Control;

/// <summary>Hears of every control step: the log of decisions, events, the local mode's lines, a live table.</summary>
internal interface IAgentReports
{
    /// <summary>Takes a report. Called on the loop's own turn: must return at once and must not throw.</summary>
    void Take(AgentReport report);
}
