using System.Net;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Schema;
using InferenceOperator.Local;
using InferenceOperator.Manifests;

namespace InferenceOperator.Demo;

/// <summary>
/// The demo's agent held at one replica and saturated for a few seconds: what that carries on this machine, client, endpoint and
/// operator on the same cores.
/// </summary>
internal sealed class OneReplica(LocalOptions options, ILoggerFactory loggers, TimeProvider time)
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);

    /// <summary>Requests answered per second at saturation, batch limit as the operator sets it.</summary>
    /// <param name="runtime">Puts the load on.</param>
    /// <param name="input">CSV file of rows to send.</param>
    /// <param name="folder">An empty place for files.</param>
    /// <param name="stop">Ends the measurement.</param>
    /// <exception cref="InvalidOperationException">The manifests do not declare one agent, or nothing was answered.</exception>
    /// <exception cref="LocalStartException">The local mode cannot start.</exception>
    public async Task<double> MeasureAsync(LoadProcess runtime, string input, string folder, CancellationToken stop)
    {
        var set = ManifestReader.Read(await ManifestFolder.ReadAsync(options.Path, stop).ConfigureAwait(false));
        var agent = set.Agents.Count == 1 ? set.Agents.Values.Single() : throw new InvalidOperationException("the demo's manifest has to declare one agent");
        var manifest = Path.Combine(folder, "one-replica.yaml");
        var alone = agent with { Spec = agent.Spec with { Scaling = agent.Spec.Scaling with { MinReplicas = 1, MaxReplicas = 1 } } };
        await File.WriteAllTextAsync(manifest, AgentManifest.Write(alone).ToJsonString(), stop).ConfigureAwait(false);

        var here = options with { Path = manifest, Listen = new IPEndPoint(IPAddress.Loopback, 0), StateFolder = Path.Combine(folder, "one-replica-state") };
        var host = await LocalHost.StartAsync(here, loggers.CreateLogger("InferenceOperator.Local"), static _ => { }, time, stop).ConfigureAwait(false);
        await using (host.ConfigureAwait(false))
        {
            await ReadyAsync(host, stop).ConfigureAwait(false);
            var rate = await SaturateAsync(host.Address, agent.Metadata.Name, runtime, input, Path.Combine(folder, "one-replica.json"), stop).ConfigureAwait(false);
            await host.StopAsync(stop).ConfigureAwait(false);
            return rate > 0 ? rate : throw new InvalidOperationException("one replica under full load answered nothing");
        }
    }

    private static async Task<double> SaturateAsync(Uri server, string model, LoadProcess runtime, string input, string report, CancellationToken stop)
    {
        string[] load =
        [
            "bench", "--url", server.GetLeftPart(UriPartial.Authority), "--model", model, "--input", input,
            "--concurrency", "64", "--warmup", "2s", "--duration", "3s", "--output", report,
        ];
        await runtime.RunAsync(load, stop).ConfigureAwait(false);
        return LoadTotals.Parse(await File.ReadAllTextAsync(report, stop).ConfigureAwait(false)).Rate;
    }

    private async Task ReadyAsync(LocalHost host, CancellationToken stop)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(AgentReport report)
        {
            if (report.Workload.Replicas.Any(static replica => replica.Phase is ReplicaPhase.Ready))
            {
                ready.TrySetResult();
            }
        }

        host.Agents.Reported += Look;
        await ready.Task.WaitAsync(StartMax, time, stop).ConfigureAwait(false);
        host.Agents.Reported -= Look;
    }
}
