using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Testing.Simulated;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Leases;

/// <summary>One replica that contends on a simulated API server, behind a connection that takes a moment and can be broken.</summary>
internal sealed class SimulatedLeaseReplica
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubernetesClient _client;
    private readonly Task _run;

    public SimulatedLeaseReplica(SimulatedApiServer server, Timeline time, LeaseOptions options, WorkLedger ledger, Random random)
    {
        var way = new Way(this, server, time.Clock, random);
        var config = new KubernetesConfig { Server = new Uri("https://simulated.example"), Source = "simulated" };
        _client = new KubernetesClient(config, ShardLeases.ClientOptions(options.Timing, new() { JitterSeed = random.Next() }), way, time.Clock, NullLoggerFactory.Instance);
        Leases = new ShardLeases(_client, options, (shard, stop) => ledger.WorkAsync(options.Identity, shard, stop), NullLogger.Instance);
        _run = Leases.RunAsync(_stop.Token);
    }

    public ShardLeases Leases { get; }

    /// <summary>Whether nothing gets through to the API server.</summary>
    public bool IsCut { get; set; }

    /// <summary>Ends it in order.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _client.Dispose();
        _stop.Dispose();
    }

    private sealed class Way(SimulatedLeaseReplica replica, SimulatedApiServer server, TimeProvider time, Random random) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await PassAsync(cancellationToken);
            var answer = await server.AnswerAsync(request, cancellationToken);
            await PassAsync(cancellationToken);
            return answer;
        }

        private Task PassAsync(CancellationToken cancellationToken) => replica.IsCut
            ? throw new HttpRequestException("the connection is cut")
            : Task.Delay(TimeSpan.FromMilliseconds(1 + (30 * random.NextDouble())), time, cancellationToken);
    }
}
