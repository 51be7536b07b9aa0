using System.Collections.Immutable;
using System.CommandLine;
using System.Net;
using InferenceOperator.Control.Scarcity;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;
using InferenceOperator.Local;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Local.Replicas;
using InferenceOperator.Workloads;

namespace InferenceOperator.Commands;

/// <summary>The command <c>local</c>: serves manifests on this machine.</summary>
internal static class LocalCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "A manifest, or a folder of *.yaml and *.yml manifests. Edits are taken while it runs." };
        var port = new Option<int>("--port") { Description = "Port of the endpoint; 0 takes a free one.", DefaultValueFactory = _ => 8000 };
        var grpcPort = new Option<int?>("--grpc-port") { Description = "Port of the endpoint for gRPC; 0 takes a free one. Unless given, the one after --port." };
        var host = new Option<string>("--host") { Description = "Address that the endpoint listens on.", DefaultValueFactory = _ => "127.0.0.1" };
        var runtime = new Option<string?>("--runtime") { Description = "File of the program inference-runtime." };
        var state = new Option<string?>("--state-dir") { Description = "Folder for logs and state; unless given, one per port under ~/.local/state." };
        var decisions = new Option<string?>("--decisions") { Description = "Log of decisions, JSON lines; unless given, in the state folder." };
        var ceilings = new Option<string[]>(GpuCeiling.Option) { Description = "RESOURCE=COUNT: GPUs that all agents together may take, such as nvidia.com/gpu=1; may stand once for each resource." };
        var replicas = new Option<int?>(LocalPools.ReplicaOption) { Description = "Replicas that all agents together may run, whatever on; not together with --gpu-ceiling." };
        var secrets = new Option<string?>("--secrets") { Description = "Folder of the Secrets that model.auth names: a folder for each, with a file for each key." };
        var sources = new Option<string[]>("--allow-model-source") { Description = "Address, network or host name (*.models.example too) that is not public and from which models may be fetched all the same; may stand several times." };
        var prices = PriceOption.Create();
        var wake = new Option<string>("--wake-timeout") { Description = "Longest that a request waits while an agent with minReplicas 0 wakes; then 503. A duration such as 90s.", DefaultValueFactory = _ => "60s" };
        var silence = new Option<string>("--replica-timeout") { Description = "Longest that a replica may be silent while it owes a reply; then 504. A duration such as 30s.", DefaultValueFactory = _ => "10m" };
        var command = new Command("local", "Serve InferenceAgent manifests on this machine: replicas as child processes, one endpoint in front.")
        {
            path, port, grpcPort, host, runtime, state, decisions, wake, silence, prices, ceilings, replicas, secrets, sources,
        };
        foreach (var option in new[] { wake, silence })
        {
            option.Validators.Add(given =>
            {
                if (Limit(given.GetValueOrDefault<string>()) is null)
                {
                    given.AddError($"{option.Name} must be a duration from 10ms to 24h, such as 90s");
                }
            });
        }

        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(path)!,
            parsed.GetValue(host)!,
            parsed.GetValue(port),
            parsed.GetValue(grpcPort),
            parsed.GetValue(runtime),
            parsed.GetValue(state),
            parsed.GetValue(decisions),
            parsed.GetValue(prices),
            new EndpointLimits { WakeTimeMax = Limit(parsed.GetValue(wake))!.Value, SilenceMax = Limit(parsed.GetValue(silence))!.Value }, // Checked by the validators.
            parsed.GetValue(ceilings) ?? [],
            parsed.GetValue(replicas),
            parsed.GetValue(secrets),
            parsed.GetValue(sources) ?? [],
            cancellationToken));
        return command;
    }

    private static TimeSpan? Limit(string? text) =>
        Duration.TryParse(text ?? "", out var duration) && duration.Seconds is >= 0.01 and <= 86_400 ? duration.ToTimeSpan() : null;

    private static async Task<int> RunAsync(
        string path, string host, int port, int? grpcPort, string? runtime, string? state, string? decisions, string[]? prices, EndpointLimits limits, string[] ceilings, int? replicas, string? secrets, string[] sources, CancellationToken cancellationToken)
    {
        var grpc = grpcPort ?? (port == 0 ? 0 : port + 1);
        if (!IPAddress.TryParse(host, out var address) || port is < 0 or > 65535 || grpc is < 0 or > 65535)
        {
            await Console.Error.WriteLineAsync($"--host {host} --port {port} --grpc-port {grpc}: an IP address and ports from 0 to 65535 are needed").ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }

        GpuPrices? costs;
        try
        {
            costs = PriceOption.Read(prices);
        }
        catch (FormatException error)
        {
            await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }

        if (RuntimeProgram.Find(runtime, AppContext.BaseDirectory, Environment.GetEnvironmentVariable, out var missing) is not { } program)
        {
            await Console.Error.WriteLineAsync(missing).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }

        ImmutableArray<GpuCeiling> gpus;
        ImmutableArray<string> allowed;
        try
        {
            gpus = GpuCeiling.Parse(ceilings);
            allowed = ModelSources.Read("--allow-model-source", sources);
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }

        if (replicas is < 0 || (replicas is not null && !gpus.IsEmpty))
        {
            await Console.Error.WriteLineAsync($"{LocalPools.ReplicaOption}: a number of at least 0, and not together with {GpuCeiling.Option}").ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }

        var options = new LocalOptions
        {
            Path = path,
            Listen = new IPEndPoint(address, port),
            ListenGrpc = new IPEndPoint(address, grpc),
            Runtime = program,
            StateFolder = state ?? LocalOptions.DefaultStateFolder(port, Environment.GetEnvironmentVariable),
            DecisionsPath = decisions,
            GpuCeilings = gpus,
            ReplicaCeiling = replicas,
            Prices = costs,
            Limits = limits,
            SecretsFolder = secrets is null ? null : Path.GetFullPath(secrets),
            ModelSources = allowed,
        };
        using var loggers = OperatorLogging.Create();
        using var signals = new StopSignals(cancellationToken);
        return await OperatorTraces.UseAsync(loggers, traces => new LocalRun(
            options with { Traces = traces }, loggers, Console.Out, Console.Error, TimeProvider.System).RunAsync(signals.Stop)).ConfigureAwait(false);
    }
}
