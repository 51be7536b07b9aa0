using InferenceRuntime.Execution.Sessions;

namespace InferenceRuntime.Execution;

/// <summary>Loads an ONNX model and makes it answer: the one entry point for the composition root.</summary>
internal static class OnnxEngine
{
    /// <summary>Reads, checks, loads, probes and warms the model.</summary>
    /// <param name="options">What to load.</param>
    /// <param name="clock">The clock of all timestamps in requests and statistics.</param>
    /// <param name="loggers">Where the engine logs.</param>
    /// <param name="cancellationToken">Gives the load up between its steps.</param>
    /// <exception cref="OperationCanceledException">The load was given up.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static async Task<ModelLoad> LoadAsync(
        EngineOptions options, TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Instances, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Instances, EngineOptions.InstancesMax, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads ?? 1, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads ?? 1, EngineOptions.ThreadsMax, nameof(options));

        var startedAt = clock.GetTimestamp();
        var file = await ModelFile.ReadAsync(options.ModelPath, options.Sha256, cancellationToken).ConfigureAwait(false);
        if (file is ModelFile.Unusable unusable)
        {
            return new ModelLoad.Rejected(unusable.Reason);
        }

        // Creating a session and warming it take seconds of processor time: a thread of their own, not one of the pool's.
        var logger = loggers.CreateLogger("InferenceRuntime.Execution");
        var loading = new ModelLoading(options, (ModelFile.Read)file, startedAt, clock, logger);
        return await Task.Factory.StartNew(
            () => loading.Run(cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).ConfigureAwait(false);
    }
}
