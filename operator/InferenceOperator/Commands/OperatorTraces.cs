using InferenceRuntime.Telemetry;

namespace InferenceOperator.Commands;

/// <summary>The traces that the operator's environment asks for, round one run of it.</summary>
internal static class OperatorTraces
{
    /// <summary>Runs with the traces, null for none, and sends at the end what waits.</summary>
    public static async Task<int> UseAsync(ILoggerFactory loggers, Func<Traces?, Task<int>> run)
    {
        var traces = Traces.FromEnvironment(
            "inference-operator", [new("service.instance.id", Environment.MachineName)], TimeProvider.System, loggers);
        try
        {
            return await run(traces).ConfigureAwait(false);
        }
        finally
        {
            if (traces is not null)
            {
                await traces.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
