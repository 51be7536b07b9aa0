using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Kubernetes.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Leases;

/// <summary>One replica that contends for Leases of a real API server.</summary>
internal sealed class LeaseReplica : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly LookCount _looks;
    private readonly KubernetesClient _client;
    private readonly Task _run;

    public LeaseReplica(string kubeconfig, LeaseOptions options, WorkLedger ledger)
    {
        var config = KubernetesConfig.Load(kubeconfig, context: null);
        _looks = new LookCount(ConnectionHandlers.For(config));
        _client = new KubernetesClient(config, ShardLeases.ClientOptions(options.Timing, new()), _looks, TimeProvider.System, NullLoggerFactory.Instance);
        Leases = new ShardLeases(_client, options, (shard, stop) => ledger.WorkAsync(options.Identity, shard, stop), NullLogger.Instance);
        _run = Leases.RunAsync(_stop.Token);
    }

    public ShardLeases Leases { get; }

    /// <summary>Waits until it has looked at the Leases three times more.</summary>
    public Task SawOthersAsync() => _looks.MoreAsync(3);

    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync();
            await _run;
            _client.Dispose();
        }
    }

    private sealed class LookCount(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource _reached = new();
        private int _left = int.MaxValue;

        public Task MoreAsync(int count)
        {
            lock (_gate)
            {
                _left = count;
                _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return _reached.Task.WaitAsync(Cluster.Patience, TimeProvider.System);
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.Method == HttpMethod.Get)
            {
                lock (_gate)
                {
                    if (--_left == 0)
                    {
                        _reached.TrySetResult();
                    }
                }
            }

            return response;
        }
    }
}
