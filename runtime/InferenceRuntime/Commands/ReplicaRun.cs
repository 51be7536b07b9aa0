using System.Text.Json;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Variants;
using InferenceRuntime.Models;
using InferenceRuntime.Settings;
using InferenceRuntime.Telemetry;

namespace InferenceRuntime.Commands;

/// <summary>One life of a replica, from its options to its exit code.</summary>
/// <param name="options">What it was told.</param>
/// <param name="output">Receives the one line that says ready.</param>
/// <param name="errors">Receives the one line that says why it could not start.</param>
/// <param name="clock">Time.</param>
/// <param name="loggers">Logs.</param>
/// <param name="traces">Where traces go, the caller's to end; null for none.</param>
internal sealed class ReplicaRun(
    ServeOptions options, TextWriter output, TextWriter errors, TimeProvider clock, ILoggerFactory loggers, Traces? traces)
{
    /// <summary>Loads, serves until told to stop, drains.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(StopSignals signals)
    {
        byte[] settingsContent = "{}"u8.ToArray();
        if (options.SettingsPath is { } path)
        {
            try
            {
                settingsContent = await SettingsFile.ReadAsync(path, signals.Drain).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return await FailAsync(ExitCodes.BadArguments, $"--settings: {e.Message}").ConfigureAwait(false);
            }
        }

        return SettingsDocument.Read(settingsContent) switch
        {
            SettingsReading.Accepted accepted => await RunAsync(accepted.Settings, settingsContent, signals).ConfigureAwait(false),
            SettingsReading.Rejected rejected => await FailAsync(ExitCodes.BadArguments, $"--settings: {rejected.Reason}").ConfigureAwait(false),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private async Task<int> RunAsync(RuntimeSettings settings, byte[] settingsContent, StopSignals signals)
    {
        DataAccess access;
        try
        {
            access = DataAccess.Read(options, clock, loggers);
        }
        catch (InvalidDataException e)
        {
            return await FailAsync(ExitCodes.BadArguments, e.Message).ConfigureAwait(false);
        }

        try
        {
            var replica = new Replica(options, access, settings, clock, loggers, traces);
            await using (replica.ConfigureAwait(false))
            {
                await replica.OpenMetricsAsync(signals.Drain).ConfigureAwait(false);
                if (options.RepositoryPath is { } root)
                {
                    return await ServeRepositoryAsync(replica, root, settings, settingsContent, signals).ConfigureAwait(false);
                }

                var load = options.Variants.Count == 0
                    ? await OnnxEngine.LoadAsync(EngineOptions(settings), clock, loggers, signals.Drain).ConfigureAwait(false)
                    : await VariantLoading.LoadAsync(EngineOptions(settings), options.Variants, clock, loggers, signals.Drain).ConfigureAwait(false);
                switch (load)
                {
                    case ModelLoad.Loaded loaded:
                        await using (loaded.Engine.ConfigureAwait(false))
                        {
                            return await ServeAsync(replica, loaded.Engine, loaded.Facts, settingsContent, signals).ConfigureAwait(false);
                        }

                    case ModelLoad.LoadedVariants loaded:
                        await using (loaded.Engine.ConfigureAwait(false))
                        {
                            return await ServeAsync(replica, loaded.Engine, loaded.Facts, settingsContent, signals).ConfigureAwait(false);
                        }

                    case ModelLoad.Rejected rejected:
                        return await FailAsync(ExitCodes.ModelRejected, $"model rejected: {rejected.Reason}").ConfigureAwait(false);
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }
            }
        }
        catch (OperationCanceledException) when (signals.Drain.IsCancellationRequested)
        {
            // Told to stop before it was ready: nothing had been accepted.
            return ExitCodes.Done;
        }
        catch (IOException e)
        {
            return await FailAsync(ExitCodes.Failed, e.Message).ConfigureAwait(false);
        }
    }

    private async Task<int> ServeAsync(
        Replica replica, IInferenceEngine engine, ModelFacts facts, byte[] settingsContent, StopSignals signals)
    {
        if (engine.Objection(engine.Settings) is { } objection)
        {
            return await FailAsync(ExitCodes.BadArguments, $"--settings: {objection}").ConfigureAwait(false);
        }

        var endpoints = await replica.ServeAsync(engine, facts, signals.Drain).ConfigureAwait(false);
        return await FollowAsync(replica, $"model {options.Name}", endpoints, settingsContent, signals).ConfigureAwait(false);
    }

    private async Task<int> ServeRepositoryAsync(Replica replica, string root, RuntimeSettings settings, byte[] settingsContent, StopSignals signals)
    {
        var repository = new FolderRepository(
            new ModelFolders(root),
            new VersionLoader(
                (name, version, inForce, cancellationToken) => OnnxEngine.LoadAsync(
                    EngineOptions(inForce) with { ModelPath = version.Path, Name = name, Version = version.Text }, clock, loggers, cancellationToken),
                replica.Cached),
            new AheadOptions { BytesMax = options.AnnouncedBytesMax },
            replica.CountApart,
            settings,
            clock,
            loggers.CreateLogger<FolderRepository>());
        await using (repository.ConfigureAwait(false))
        {
            if (await repository.StartAsync(signals.Drain).ConfigureAwait(false) is { } fault)
            {
                return await FailAsync(ExitCodes.ModelRejected, $"repository rejected: {fault}").ConfigureAwait(false);
            }

            var endpoints = await replica.ServeAsync(repository, signals.Drain).ConfigureAwait(false);
            return await FollowAsync(replica, $"{repository.Names.Count()} models", endpoints, settingsContent, signals).ConfigureAwait(false);
        }
    }

    private async Task<int> FollowAsync(Replica replica, string models, ReplicaEndpoints endpoints, byte[] settingsContent, StopSignals signals)
    {
        if (options.PortFilePath is { } portFile)
        {
            await WritePortFileAsync(portFile, endpoints).ConfigureAwait(false);
        }

        await output.WriteLineAsync(
            $"ready: {models} at {endpoints.Http} grpc {endpoints.Grpc} metrics {endpoints.Metrics} admin {endpoints.Admin}").ConfigureAwait(false);
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        await FollowSettingsAsync(replica.Settings!, settingsContent, signals.Drain).ConfigureAwait(false);
        return await replica.DrainAsync(signals.Stop).ConfigureAwait(false) ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>Follows the settings file, when there is one, until told to stop.</summary>
    private async Task FollowSettingsAsync(SettingsInForce settings, byte[] content, CancellationToken drain)
    {
        if (options.SettingsPath is { } path)
        {
            await new SettingsFile(path, content, settings, clock, loggers.CreateLogger<SettingsFile>()).WatchAsync(drain).ConfigureAwait(false);
            return;
        }

        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = drain.Register(stopped.SetResult);
        await stopped.Task.ConfigureAwait(false);
    }

    /// <summary>Puts the file in place in one step: a reader sees all of it or nothing.</summary>
    private static async Task WritePortFileAsync(string path, ReplicaEndpoints endpoints)
    {
        var unfinished = $"{path}.{Environment.ProcessId}";
        await File.WriteAllBytesAsync(
            unfinished, JsonSerializer.SerializeToUtf8Bytes(endpoints, ContractJson.Default.ReplicaEndpoints), CancellationToken.None).ConfigureAwait(false);
        File.Move(unfinished, path, overwrite: true);
    }

    private EngineOptions EngineOptions(RuntimeSettings settings) => new()
    {
        ModelPath = options.ModelPath,
        Sha256 = options.Sha256,
        Roots = options.Roots,
        Name = options.Name,
        Version = options.Version,
        Threads = options.Threads,
        Instances = options.Instances,
        Accelerator = options.Accelerator,
        Settings = settings,
    };

    private async Task<int> FailAsync(int exitCode, string reason)
    {
        await new LastLine(errors, options.TerminationLogPath).WriteAsync(reason).ConfigureAwait(false);
        return exitCode;
    }
}
