using System.CommandLine;
using System.Globalization;
using InferenceOperator.Decisions;
using InferenceOperator.Decisions.Explain;
using InferenceOperator.Local;
using InferenceOperator.Simulate;

namespace InferenceOperator.Commands;

/// <summary>The command <c>explain</c>: tells a person what a decision rests on.</summary>
internal sealed class ExplainCommand
{
    private const int DefaultPort = 8000;

    private const string About = """
        Explain decisions: what was seen and how old it was, the fit, the forecast, what was weighed, the rule, the guard rails that bit, and what
        there would have been otherwise. FILE is a log of decisions, or what kubectl gives of agents, which tells less:

          inference-operator explain --agent digits                                     the latest decision of the local mode
          inference-operator explain decisions.jsonl --agent digits --at 2030-01-31T03:04:05Z
          curl -s http://OPERATOR:8080/decisions/default/digits | inference-operator explain - --last 3
          kubectl get ia digits -o json | inference-operator explain -

        Exit codes: 0 explained, 1 there is no such decision or the file cannot be read, 2 an option is wrong.
        """;

    private readonly Argument<string?> _file = new("FILE") { Description = "Log of decisions or JSON of agents; - is the standard input. [default: the log of the local mode on port 8000]", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _agent = new("--agent") { Description = "Agent: NAME or NAMESPACE/NAME. [default: the only one there is]" };
    private readonly Option<string?> _at = new("--at") { Description = "The decision that held at this time, such as 2030-01-31T03:04:05Z; UTC unless it says otherwise. [default: the latest]" };
    private readonly Option<string?> _last = new("--last") { Description = $"So many decisions up to then, from 1 to {ExplainQuestion.LastMax}; [default: 1; of a status all that it holds]" };

    public static Command Create() => new ExplainCommand().Build();

    private Command Build()
    {
        var command = new Command("explain", About) { _file, _agent, _at, _last };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        try
        {
            var question = Read(parsed);
            var file = parsed.GetValue(_file) ?? Path.Combine(LocalOptions.DefaultStateFolder(DefaultPort, Environment.GetEnvironmentVariable), LocalOptions.DecisionsFile);
            var stream = LogFile.Open(file);
            await using (stream.ConfigureAwait(false))
            {
                return await new ExplainRun(question, output, errors).RunAsync(file, stream, cancellationToken).ConfigureAwait(false) ? ExitCodes.Done : ExitCodes.Failed;
            }
        }
        catch (FormatException e)
        {
            await errors.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    }

    /// <exception cref="FormatException">An option is wrong; the message names it.</exception>
    private ExplainQuestion Read(ParseResult parsed)
    {
        DateTimeOffset? at = null;
        if (parsed.GetValue(_at) is { } text)
        {
            at = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : throw new FormatException($"--at: '{text}' is not a time such as 2030-01-31T03:04:05Z");
        }

        return new ExplainQuestion(
            parsed.GetValue(_agent) is { } agent ? new AgentName(agent) : null,
            at,
            parsed.GetValue(_last) is { } last ? new OptionText("--last").Count(last, 1, ExplainQuestion.LastMax) : null);
    }
}
