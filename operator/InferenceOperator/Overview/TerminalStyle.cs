namespace InferenceOperator.Overview;

/// <summary>Whether and how lines are coloured.</summary>
/// <param name="IsTerminal">The output goes to a terminal.</param>
/// <param name="Colours">It may be coloured.</param>
internal sealed record TerminalStyle(bool IsTerminal, bool Colours)
{
    /// <summary>No terminal, no colours.</summary>
    public static TerminalStyle Plain { get; } = new(IsTerminal: false, Colours: false);

    /// <summary>Colours on a terminal alone, and not where NO_COLOR is set (https://no-color.org) or the terminal is a dumb one.</summary>
    /// <param name="isTerminal">The output goes to a terminal.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static TerminalStyle For(bool isTerminal, Func<string, string?> environment) =>
        new(isTerminal, isTerminal && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb");

    /// <summary>The line, red for what fails, yellow for what needs a look.</summary>
    public string Paint(string line, Standing standing) =>
        !Colours || !standing.NeedsAttention ? line
        : standing.Slo is SloStanding.Missed or SloStanding.Down ? $"\e[31m{line}\e[0m"
        : $"\e[33m{line}\e[0m";
}
