using System.CommandLine;
using System.Security.Cryptography;
using InferenceRuntime.Commands;
using InferenceRuntime.Telemetry;

var root = new RootCommand("Serves ONNX models in batches under a latency objective, and measures such servers.")
{
    new ServeCommand().Build(async (options, _) =>
    {
        using var loggers = RuntimeLogging.Create();
        using var signals = new StopSignals();
        signals.Listen();
        var traces = Traces.FromEnvironment("inference-runtime", options.TraceResource(), TimeProvider.System, loggers);
        try
        {
            return await new ReplicaRun(options, Console.Out, Console.Error, TimeProvider.System, loggers, traces).RunAsync(signals).ConfigureAwait(false);
        }
        finally
        {
            if (traces is not null)
            {
                await traces.DisposeAsync().ConfigureAwait(false);
            }
        }
    }),
    new FetchCommand().Build(async (options, cancellationToken) =>
    {
        using var loggers = RuntimeLogging.Create();
        var jitter = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
        return await new FetchRun(options, Console.Error, jitter, TimeProvider.System, loggers.CreateLogger<FetchRun>())
            .RunAsync(cancellationToken).ConfigureAwait(false);
    }),
    BenchCommand.Create(),
    PredictCommand.Create(),
};

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
    }

    return ExitCodes.BadArguments;
}

// Signals are the commands' own: the parser's handling would cut a drain short.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, CancellationToken.None).ConfigureAwait(false);
