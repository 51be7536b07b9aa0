using InferenceOperator.Cluster;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Leases;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>The whole operator as one process of the simulated cluster: everything that the command <c>run</c> starts but its own endpoint.</summary>
internal sealed class OperatorProcess
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ClusterOperator _operator;
    private readonly Task _running;

    /// <param name="connections">What it reaches, until it dies.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="seed">Of its pauses.</param>
    /// <param name="leases">What it contends for; null: it works at once.</param>
    /// <param name="loggers">Hear of it.</param>
    public OperatorProcess(SimulatedConnections connections, TimeProvider time, int seed, LeaseOptions? leases, ILoggerFactory loggers)
    {
        Connections = connections;
        var options = new ClusterOptions
        {
            Children = new() { Image = "inference-runtime:test", OperatorNamespace = "inference-operator" },
            Client = new() { JitterSeed = seed, PageSize = 3 },
            Leases = leases,
            // In-memory replicas answer; this limit runs on the machine's own clock.
            ReplicaTimeout = TimeSpan.FromHours(1),
        };
        var config = new KubernetesConfig { Server = new Uri("https://simulated.example"), Source = "simulated", Namespace = "inference-operator" };
        _operator = new ClusterOperator(options, config, loggers, time, _ => connections.ToServer(), connections.ToReplicas());
        _running = _operator.RunAsync(_stop.Token);
    }

    public SimulatedConnections Connections { get; }

    /// <summary>Set when it ended by itself, which it never should.</summary>
    public bool HasEnded => _running.IsCompleted && !_stop.IsCancellationRequested;

    /// <summary>Ends it; one that is dead leaves nothing behind, one that is not ends in order.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _operator.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }
}
