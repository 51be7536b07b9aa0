using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Commands;

namespace InferenceOperator.Overview;

/// <summary>Looks at agents, once or again and again, and tells what it sees.</summary>
/// <param name="question">What is asked.</param>
/// <param name="look">Reads the agents; throws <see cref="IOException"/> when they cannot be read.</param>
/// <param name="style">The terminal, if it is one.</param>
/// <param name="output">Gets the answer.</param>
/// <param name="errors">Gets what went wrong.</param>
/// <param name="time">The clock.</param>
internal sealed class OverviewRun(
    OverviewQuestion question, Func<CancellationToken, Task<ImmutableArray<JsonObject>>> look, TerminalStyle style, TextWriter output, TextWriter errors, TimeProvider time)
{
    private const string HomeAndClear = "\e[H\e[2J\e[3J";

    private string? _told;

    /// <summary>Answers; with <see cref="OverviewQuestion.Again"/> until cancelled.</summary>
    /// <returns>The exit code: of the last look.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var code = ExitCodes.Failed;
        try
        {
            while (true)
            {
                code = await LookAsync(cancellationToken).ConfigureAwait(false);
                if (question.Again is not { } pause)
                {
                    return code;
                }

                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return code;
        }
    }

    private async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stored = await look(cancellationToken).ConfigureAwait(false);
            var now = time.GetUtcNow();
            ImmutableArray<AgentOverview> agents = [.. stored.Select(agent => AgentOverview.Of(agent, now)).OrderBy(static agent => agent.Key, StringComparer.Ordinal)];
            await TellAsync(agents, now).ConfigureAwait(false);
            return CodeOf(agents);
        }
        catch (IOException e)
        {
            await errors.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    }

    private async Task TellAsync(ImmutableArray<AgentOverview> agents, DateTimeOffset now)
    {
        // Without ages, which change always: what is no terminal gets only what is news.
        var essence = OverviewJson.Write(agents, indented: question is { Format: OverviewFormat.Json, Again: null });
        if (!style.IsTerminal && essence == _told)
        {
            return;
        }

        var again = question.Again is not null;
        var text = new OverviewText(now, style);
        IEnumerable<string> lines = question.Format is OverviewFormat.Json ? [essence]
            : agents.IsEmpty ? []
            : question.Name is not null ? agents.SelectMany(text.One)
            : text.Fleet(agents, question.Format is OverviewFormat.Wide);
        var start = !again || question.Format is OverviewFormat.Json ? "" : style.IsTerminal ? HomeAndClear : _told is null ? "" : "\n";
        _told = essence;
        await output.WriteAsync($"{start}{string.Concat(lines.Select(static line => line + "\n"))}").ConfigureAwait(false);
        if (agents.IsEmpty)
        {
            await errors.WriteLineAsync(question.Name is { } name ? $"there is no InferenceAgent {name} in {question.Where}" : $"there is no InferenceAgent in {question.Where}").ConfigureAwait(false);
        }
    }

    private int CodeOf(ImmutableArray<AgentOverview> agents) =>
        agents.IsEmpty && question.Name is not null ? ExitCodes.Failed
        : agents.Any(static agent => agent.Standing.Slo is SloStanding.Missed or SloStanding.Down) ? ExitCodes.SloNotHeld
        : agents.Any(static agent => agent.Standing.NeedsAttention) ? ExitCodes.NeedsAttention
        : ExitCodes.Done;
}
