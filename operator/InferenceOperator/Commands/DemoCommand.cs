using System.CommandLine;
using System.Net;
using InferenceOperator.Demo;
using InferenceOperator.Local;
using InferenceOperator.Local.Replicas;
using Spectre.Console;

namespace InferenceOperator.Commands;

/// <summary>The command <c>demo</c>: the local mode under three phases of load, checked answer by answer.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var manifest = new Option<string>("--manifest") { Description = "Manifest of one agent with an SLO and a model file.", Required = true };
        var input = new Option<FileInfo>("--input") { Description = "CSV file of rows to send, a row a line; columns beyond the input's row (labels) are left out.", Required = true };
        var phases = new Option<string?>("--phases") { Description = "Low, high and low load: RATE:DURATION,RATE:DURATION,RATE:DURATION. Left out: made for this machine, by a measurement of a few seconds." };
        var runtime = new Option<string?>("--runtime") { Description = "File of the program inference-runtime." };
        var command = new Command("demo", "Show the whole story in a minute: load rises and falls, batching and replicas follow, every reply is checked.")
        {
            manifest, input, phases, runtime,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetRequiredValue(manifest), parsed.GetRequiredValue(input).FullName, parsed.GetValue(phases), parsed.GetValue(runtime), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string manifest, string input, string? phases, string? runtime, CancellationToken cancellationToken)
    {
        if (RuntimeProgram.Find(runtime, AppContext.BaseDirectory, Environment.GetEnvironmentVariable, out var error) is not { } program)
        {
            await Console.Error.WriteLineAsync(error).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }

        var state = Directory.CreateTempSubdirectory("inference-demo-state-").FullName;
        try
        {
            var local = new LocalOptions
            {
                Path = manifest,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                Runtime = program,
                StateFolder = state,
            };
            using var loggers = OperatorLogging.Create(LogLevel.Warning);
            using var signals = new StopSignals(cancellationToken);
            return await new DemoRun(new DemoOptions(local, input, phases), loggers, Output(), TimeProvider.System).RunAsync(signals.Stop).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    /// <summary>A live table on a terminal; plain, unbroken lines in a pipe or a log.</summary>
    private static IAnsiConsole Output()
    {
        if (!Console.IsOutputRedirected)
        {
            return AnsiConsole.Console;
        }

        var plain = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        plain.Profile.Width = 400;
        return plain;
    }
}
