using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Local.Replicas;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster.Kit.Nodes;

/// <summary>
/// A node in this process: it takes every pod that fits its GPUs, as a scheduler and a kubelet would, and runs the containers as processes of inference-runtime, each
/// pod on a loopback address of its own.
/// </summary>
internal sealed class TestNode : IAsyncDisposable
{
    private static int _addresses;

    private readonly KubernetesClient _client;
    private readonly HttpClient _admin;
    private readonly TestNodeOptions _options;
    private readonly ChildSpawner _spawner = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, NodePod> _pods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _gpus = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ObjectKey> _waiting = new(StringComparer.Ordinal);
    private Task _running = Task.CompletedTask;

    private TestNode(KubernetesClient client, HttpClient admin, TestNodeOptions options) => (_client, _admin, _options) = (client, admin, options);

    /// <param name="client">Reads and reports.</param>
    /// <param name="admin">Binds pods and removes them, which only schedulers and kubelets do; owned by the node.</param>
    public static async Task<TestNode> StartAsync(KubernetesClient client, HttpClient admin, TestNodeOptions options)
    {
        var node = new TestNode(client, admin, options);
        await node.RegisterAsync();
        node._running = node.WatchAsync();
        return node;
    }

    /// <summary>Kills a container as a crash would.</summary>
    public void Crash(string podUid) => _pods[podUid].Crash();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        foreach (var pod in _pods.Values)
        {
            await pod.DisposeAsync();
        }

        _spawner.Dispose();
        _admin.Dispose();
        _stop.Dispose();
    }

    private async Task RegisterAsync()
    {
        var resources = new JsonObject { ["cpu"] = "64", ["memory"] = "256Gi", ["pods"] = "250", [_options.GpuResource] = Text(_options.Gpus) };
        var node = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["metadata"] = new JsonObject { ["name"] = _options.Name } };
        await _client.CreateAsync(Resource.Untyped(ResourceType.Nodes), node, _stop.Token);
        var status = new JsonObject
        {
            ["capacity"] = resources,
            ["allocatable"] = resources.DeepClone(),
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True", ["reason"] = "KubeletReady" }),
        };
        await _client.PatchStatusAsync(Resource.Untyped(ResourceType.Nodes), new("", _options.Name), new JsonObject { ["status"] = status }, "kubelet", _stop.Token);
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var list = await _client.ListAsync(Pods, ResourceScope.All, _stop.Token);
                foreach (var pod in list.Items)
                {
                    await SeeAsync(pod);
                }

                await foreach (var news in _client.WatchAsync(Pods, ResourceScope.All, list.ResourceVersion, _stop.Token))
                {
                    await (news switch
                    {
                        WatchEvent<JsonObject>.Added added => SeeAsync(added.Object),
                        WatchEvent<JsonObject>.Modified modified => SeeAsync(modified.Object),
                        WatchEvent<JsonObject>.Deleted deleted => ForgetAsync(deleted.Object.Uid),
                        _ => Task.CompletedTask,
                    });
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

    private async Task SeeAsync(ApiObject<JsonObject> pod)
    {
        var (leaves, bound) = (pod.Value["metadata"]!["deletionTimestamp"] is not null, (string?)pod.Value["spec"]!["nodeName"]);
        if (bound is null && !leaves)
        {
            await PlaceAsync(pod);
        }
        else if (bound == _options.Name && leaves)
        {
            _pods.GetOrAdd(pod.Uid, _ => New(pod)).BeginStop((int?)pod.Value["metadata"]!["deletionGracePeriodSeconds"] ?? 30);
        }
        else if (bound == _options.Name)
        {
            _gpus[pod.Uid] = Gpus(pod.Value);
            _pods.GetOrAdd(pod.Uid, _ => New(pod)).BeginStart();
        }
    }

    /// <summary>What a scheduler does: a pod that finds no GPU stays, and says why.</summary>
    private async Task PlaceAsync(ApiObject<JsonObject> pod)
    {
        var needed = Gpus(pod.Value);
        if (_gpus.Values.Sum() + needed > _options.Gpus)
        {
            if (_waiting.TryAdd(pod.Uid, pod.Key))
            {
                var condition = new JsonObject
                {
                    ["type"] = "PodScheduled", ["status"] = "False", ["reason"] = "Unschedulable", ["message"] = $"0/1 nodes are available: 1 Insufficient {_options.GpuResource}.",
                };
                await _client.PatchStatusAsync(Pods, pod.Key, new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } }, "scheduler", _stop.Token);
            }

            return;
        }

        var binding = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject { ["name"] = pod.Key.Name, ["namespace"] = pod.Key.Namespace, ["uid"] = pod.Uid },
            ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = _options.Name },
        };
        using var answer = await _admin.PostAsync(Path(pod.Key) + "/binding", Body(binding), _stop.Token);
        if (answer.StatusCode is HttpStatusCode.Created)
        {
            _gpus[pod.Uid] = needed;
            _waiting.TryRemove(pod.Uid, out _);
        }
    }

    /// <summary>A pod is gone: its place is free for those that wait.</summary>
    private async Task ForgetAsync(string uid)
    {
        _waiting.TryRemove(uid, out _);
        _gpus.TryRemove(uid, out _);
        if (_pods.TryRemove(uid, out var pod))
        {
            await pod.DisposeAsync();
        }

        foreach (var key in _waiting.Values)
        {
            if (await _client.GetAsync(Pods, key, _stop.Token) is { } waiting)
            {
                await SeeAsync(waiting);
            }
        }
    }

    private NodePod New(ApiObject<JsonObject> pod)
    {
        var number = Interlocked.Increment(ref _addresses);
        return new NodePod(
            pod,
            string.Create(CultureInfo.InvariantCulture, $"127.77.{number / 250}.{(number % 250) + 2}"),
            _options,
            _spawner,
            _client,
            async cancellationToken =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(_admin.BaseAddress!, Path(pod.Key))) // The client was made with one.
                {
                    Content = Body(new JsonObject { ["gracePeriodSeconds"] = 0, ["preconditions"] = new JsonObject { ["uid"] = pod.Uid } }),
                };
                using var answer = await _admin.SendAsync(request, cancellationToken);
            });
    }

    private int Gpus(JsonObject pod) => pod["spec"]!["containers"]!.AsArray()
        .Sum(container => int.TryParse((string?)container?["resources"]?["limits"]?[_options.GpuResource], CultureInfo.InvariantCulture, out var count) ? count : 0);

    private static string Path(ObjectKey pod) => $"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}";

    private static StringContent Body(JsonObject json) => new(json.ToJsonString(), System.Text.Encoding.UTF8, "application/json");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
