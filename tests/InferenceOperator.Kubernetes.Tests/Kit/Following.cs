using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>An informer on the ConfigMaps of one namespace, running, behind a connection that can be broken.</summary>
internal sealed class Following : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubernetesClient _client;
    private readonly Task _run;

    private Following(string kubeconfig, InformerOptions<JsonObject> options, Func<int?> cutAfter)
    {
        var config = KubernetesConfig.Load(kubeconfig, context: null);
        Connection = new Saboteur(ConnectionHandlers.For(config), cutAfter);
        var quick = new KubernetesClientOptions { PageSize = 3, Backoff = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100)) };
        _client = new KubernetesClient(config, quick, Connection, TimeProvider.System, NullLoggerFactory.Instance);
        options = options with { Backoff = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200)) };
        Informer = new Informer<JsonObject>(_client, Cluster.ConfigMaps, options, Log.Take, NullLogger.Instance);
        _run = Informer.RunAsync(_stop.Token);
    }

    public Saboteur Connection { get; }

    public Informer<JsonObject> Informer { get; }

    public ChangeLog Log { get; } = new();

    public static async Task<Following> StartAsync(string kubeconfig, ResourceScope scope, Func<int?>? cutAfter = null)
    {
        var following = new Following(kubeconfig, new InformerOptions<JsonObject> { Scope = scope }, cutAfter ?? (static () => null));
        await following.Informer.Synced.WaitAsync(Cluster.Patience, TimeProvider.System);
        return following;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _client.Dispose();
        _stop.Dispose();
    }
}
