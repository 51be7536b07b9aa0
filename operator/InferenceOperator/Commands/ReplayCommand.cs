using System.CommandLine;
using InferenceOperator.Decisions;

namespace InferenceOperator.Commands;

/// <summary>The command <c>replay</c>: decides logged decisions again.</summary>
internal static class ReplayCommand
{
    private const string About = """
        Decide logged decisions again, each by the rules of the release that made it, and compare byte for byte. Reads files only.

        Logs are what `local` writes to its state folder, `run --decisions FILE` to a file, and the operator's endpoint gives under
        /decisions/NAMESPACE/NAME. A line that was cut short because the operator was stopped is told and does no harm.

        Exit codes: 0 every decision came out the same, 1 one did not, or a line is damaged or of rules that this release does not know,
        or a file could not be read, 2 an option is wrong, 130 stopped.
        """;

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "Decision logs; - is the standard input.", Arity = ArgumentArity.OneOrMore };
        var agent = new Option<string?>("--agent") { Description = "Only decisions on this agent: NAME or NAMESPACE/NAME." };
        var command = new Command("replay", About) { files, agent };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var signals = new StopSignals(cancellationToken);
            return await RunAsync(parsed.GetValue(files)!, parsed.GetValue(agent), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, signals.Stop).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(string[] files, string? agent, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        try
        {
            var run = new ReplayRun(agent is null ? null : new AgentName(agent), output);
            foreach (var file in files)
            {
                var stream = LogFile.Open(file);
                await using (stream.ConfigureAwait(false))
                {
                    await run.TakeAsync(file, stream, cancellationToken).ConfigureAwait(false);
                }
            }

            return (await run.EndAsync().ConfigureAwait(false)).IsGood ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }
}
