using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>Sees, on a sound way of its own, whether Deployments of a namespace were ever scaled down, deleted or made anew.</summary>
internal sealed class Witness : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _breaches = new();
    private readonly Task _running;

    public Witness(KubernetesClient admin, string ns)
    {
        var informer = new Informer<JsonObject>(admin, ClientExtensions.Deployments, new() { Scope = ResourceScope.In(ns) }, Take, NullLogger.Instance);
        _running = informer.RunAsync(_stop.Token);
    }

    public IReadOnlyCollection<string> Breaches => _breaches;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private void Take(ObjectChange<JsonObject> change)
    {
        switch (change)
        {
            case ObjectChange<JsonObject>.Updated { Old: var old, New: var now } when Replicas(now) < Replicas(old):
                _breaches.Enqueue($"{change.Key} went from {Replicas(old)} to {Replicas(now)} replicas");
                break;
            case ObjectChange<JsonObject>.Deleted:
                _breaches.Enqueue($"{change.Key} was deleted");
                break;
            default:
                break;
        }
    }

    private static int Replicas(ApiObject<JsonObject> deployment) => (int)deployment.Value["spec"]!["replicas"]!; // The API server sets it.
}
