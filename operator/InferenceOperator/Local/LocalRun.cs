using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using InferenceOperator.Commands;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Local;

/// <summary>One run of the command <c>local</c>, from its options to its exit code: what it prints, and when it ends.</summary>
internal sealed class LocalRun(LocalOptions options, ILoggerFactory loggers, TextWriter output, TextWriter errors, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, bool> _announced = new(StringComparer.Ordinal);

    // Agents that have become ready for the first time; as many as there may be manifests.
    private readonly Channel<string> _ready = Channel.CreateBounded<string>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Serves until told to stop, then drains.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        LocalHost host;
        try
        {
            host = await LocalHost.StartAsync(options, loggers.CreateLogger("InferenceOperator.Local"), Say, time, stop).ConfigureAwait(false);
        }
        catch (LocalStartException exception)
        {
            await errors.WriteLineAsync(exception.Message).ConfigureAwait(false);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCodes.Done;
        }

        await using (host.ConfigureAwait(false))
        {
            host.Agents.Reported += Announce;
            Say($"endpoint {host.Address}  gRPC {host.GrpcAddress.Authority}  agents {new Uri(host.Address, "/agents")}  decisions {host.DecisionsPath}  replicas' output {host.OutputPath}");
            await AnnounceAsync(host, stop).ConfigureAwait(false);
            Say("stopping: no new requests; those inside are answered, then the replicas end (once more to stop at once)");
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            Say("stopped");
        }

        return ExitCodes.Done;
    }

    private void Announce(AgentReport report)
    {
        if (report.Workload.Replicas.Any(replica => replica.Phase is ReplicaPhase.Ready) && _announced.TryAdd(report.Agent.Key(), true))
        {
            _ready.Writer.TryWrite(report.Agent.Metadata.Name);
        }
    }

    private async Task AnnounceAsync(LocalHost host, CancellationToken stop)
    {
        try
        {
            await foreach (var agent in _ready.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            {
                await AnnounceAsync(host, agent, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private async Task AnnounceAsync(LocalHost host, string agent, CancellationToken stop)
    {
        var address = new Uri(host.Address, $"/v2/models/{agent}");
        Say($"{agent} answers at {address}");
        try
        {
            var metadata = await host.Client.GetAsync(address, stop).ConfigureAwait(false);
            if (CurlLine.For(host.Address, agent, metadata) is { } line)
            {
                await output.WriteLineAsync($"\n  {line}\n").ConfigureAwait(false);
            }
        }
        catch (WorkloadException exception)
        {
            Say($"{agent}: its metadata cannot be read: {exception.Message}");
        }
    }

    private void Say(string line)
    {
        var prefix = AgentMetadata.DefaultNamespace + "/";
        var shown = line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : line;
        lock (output)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():HH:mm:ss} {shown}"));
        }
    }
}
