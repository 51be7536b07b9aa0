using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Tests.Local;

namespace InferenceOperator.Tests.Cluster.Kit.Nodes;

/// <summary>Clients of a Service: each request goes to one of the pods that are in its selector, ready and not leaving at that moment, and nothing is tried again.</summary>
/// <remarks>That is what its Endpoints would name; these take no addresses of the loopback network, on which the pods of a <see cref="TestNode"/> are.</remarks>
internal sealed class ServiceLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();
    private readonly ConcurrentQueue<string> _lost = new();
    private readonly KubernetesClient _client;
    private readonly ObjectKey _service;
    private readonly Task _running;
    private ImmutableDictionary<string, Uri> _addresses = ImmutableDictionary<string, Uri>.Empty;
    private long _answered;

    /// <param name="client">Watches the pods.</param>
    /// <param name="service">The Service; its name is the model's.</param>
    /// <param name="clients">Requests at a time.</param>
    /// <param name="seed">Of the choices among addresses.</param>
    public ServiceLoad(KubernetesClient client, ObjectKey service, int clients, int seed)
    {
        (_client, _service) = (client, service);
        _running = Task.WhenAll([WatchAsync(), .. Enumerable.Range(0, clients).Select(i => Task.Run(() => AskAsync(new Random(seed + i))))]);
    }

    /// <summary>Answers so far.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Waits until so many more requests have been answered.</summary>
    public Task UntilAnsweredAsync(int more)
    {
        var from = Answered;
        return ClientExtensions.UntilAsync(() => Answered >= from + more, $"requests were not answered; lost: {string.Join("; ", _lost.Take(3))}");
    }

    /// <summary>Stops and gives what was lost.</summary>
    public async Task<IReadOnlyCollection<string>> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        return _lost;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var service = await _client.UntilAsync(ClientExtensions.Services, _service.Namespace, _service.Name, static _ => true);
        var selector = string.Join(',', service.Value["spec"]!["selector"]!.AsObject().Select(static label => $"{label.Key}={label.Value}"));
        var scope = new ResourceScope { Namespace = _service.Namespace, LabelSelector = selector };
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var list = await _client.ListAsync(ClientExtensions.Pods, scope, _stop.Token);
                foreach (var pod in list.Items)
                {
                    See(pod);
                }

                await foreach (var news in _client.WatchAsync(ClientExtensions.Pods, scope, list.ResourceVersion, _stop.Token))
                {
                    switch (news)
                    {
                        case WatchEvent<JsonObject>.Added { Object: var added }:
                            See(added);
                            break;
                        case WatchEvent<JsonObject>.Modified { Object: var modified }:
                            See(modified);
                            break;
                        case WatchEvent<JsonObject>.Deleted { Object: var deleted }:
                            ImmutableInterlocked.TryRemove(ref _addresses, deleted.Uid, out _);
                            break;
                    }
                }
            }
            catch (ApiException)
            {
                // Cut: look again.
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void See(ApiObject<JsonObject> pod)
    {
        var ready = pod.Value["metadata"]!["deletionTimestamp"] is null
            && (pod.Value["status"]?["conditions"] as JsonArray)?.Any(static c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True") == true;
        if (ready)
        {
            var port = (int)pod.Value["spec"]!["containers"]![0]!["ports"]!.AsArray().First(static p => (string?)p!["name"] == "http")!["containerPort"]!;
            var address = new Uri($"http://{(string)pod.Value["status"]!["podIP"]!}:{port}");
            ImmutableInterlocked.AddOrUpdate(ref _addresses, pod.Uid, address, (_, _) => address);
        }
        else
        {
            ImmutableInterlocked.TryRemove(ref _addresses, pod.Uid, out _);
        }
    }

    private async Task AskAsync(Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            var addresses = _addresses.Values.ToList();
            if (addresses.Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
                continue;
            }

            var address = new Uri(addresses[random.Next(addresses.Count)], $"/v2/models/{_service.Name}/infer");
            try
            {
                using var content = new StringContent(SteadyLoad.Body, Encoding.UTF8, "application/json");
                using var response = await _http.PostAsync(address, content, CancellationToken.None);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref _answered);
                }
                else
                {
                    _lost.Enqueue($"{address}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
                }
            }
            catch (HttpRequestException error)
            {
                _lost.Enqueue($"{address}: {error.Message} {error.InnerException?.Message}");
            }
        }
    }
}
