using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Testing.Simulated;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>A whole cluster in memory on a simulated clock: API server, garbage collector, controllers, nodes, replicas, people, and processes of the operator.</summary>
internal sealed class SimulatedCluster
{
    private readonly Random _random;
    private readonly ILoggerFactory _loggers;
    private int _processes;

    public SimulatedCluster(int seed, ILoggerFactory loggers)
    {
        (_random, _loggers) = (new Random(seed), loggers);
        Api = new SimulatedApi(Time.Clock, SimulatedTypes.All);
        Server = new SimulatedApiServer(Api, Time.Clock) { Habits = Habits };
        Nodes = new SimulatedNodes(Api, new Random(seed), Time.Clock);
        var collector = new GarbageCollector(Api, () => Between(0.1, 2), Time.Clock);
        Api.Told = news =>
        {
            Nodes.Take(news);
            if (news.IsRemoval || news.After.IsEnding || news.Before is null)
            {
                collector.Look();
            }
        };
    }

    public Timeline Time { get; } = new();

    public SimulatedApi Api { get; }

    public SimulatedApiServer Server { get; }

    public SimulatedNodes Nodes { get; }

    /// <summary>Starts a process of the operator.</summary>
    /// <param name="connect">Its connections, by a seed of its own.</param>
    /// <param name="contends">Whether it contends for the Lease, or works at once.</param>
    /// <param name="time">The clock of its machine; null: the one that all others have.</param>
    public OperatorProcess Start(Func<int, SimulatedConnections> connect, bool contends = false, TimeProvider? time = null)
    {
        var number = ++_processes;
        var seed = _random.Next();
        var leases = contends ? new LeaseOptions { Namespace = "inference-operator", Group = "inference-operator", Identity = $"operator-{number}" } : null;
        return new OperatorProcess(connect(seed), time ?? Time.Clock, seed, leases, _loggers);
    }

    private WatchHabits Habits()
    {
        var lives = Between(0, 60);
        return new WatchHabits
        {
            Lag = () => Between(-0.05, 0.15),
            Repeats = () => Between(0, 1) < TimeSpan.FromSeconds(0.05),
            CutAfter = lives < TimeSpan.FromSeconds(30) ? lives : null,
        };
    }

    private TimeSpan Between(double from, double to)
    {
        lock (_random)
        {
            return TimeSpan.FromSeconds(from + ((to - from) * _random.NextDouble()));
        }
    }
}
