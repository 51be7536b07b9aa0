using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Queues;
using Microsoft.Extensions.Logging.Abstractions;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Operator;

/// <summary>Makes pods of Deployments and says at once that they are ready: controllers, scheduler and kubelet without their delays.</summary>
/// <remarks>Its pods have no address: nothing is scraped, so that what is measured is the work on the API server's objects.</remarks>
internal sealed class FakeNode : IDisposable
{
    private static readonly Resource<JsonObject> Pods = Resource.Untyped(ResourceType.Pods);
    private static readonly Resource<JsonObject> Written = Resource.Untyped(ResourceType.Deployments);

    private readonly KubernetesClient _client;
    private readonly TimeProvider _time;
    private readonly Informer<DeploymentView> _deployments;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly Dictionary<ObjectKey, int> _pods = [];
    private readonly Lock _gate = new();

    /// <param name="client">With all rights.</param>
    /// <param name="deploymentSeen">Hears of each Deployment once, when it is first seen.</param>
    /// <param name="time">The clock.</param>
    public FakeNode(KubernetesClient client, Action<ObjectKey> deploymentSeen, TimeProvider time)
    {
        (_client, _time) = (client, time);
        _queue = new WorkQueue<ObjectKey>(new WorkQueueOptions(), time, NullLogger.Instance);
        _deployments = new Informer<DeploymentView>(
            client,
            new Resource<DeploymentView>(ResourceType.Deployments, ClusterJson.Default.DeploymentView),
            new InformerOptions<DeploymentView>(),
            change =>
            {
                if (change is ObjectChange<DeploymentView>.Added)
                {
                    deploymentSeen(change.Key);
                }

                if (change is ObjectChange<DeploymentView>.Added or ObjectChange<DeploymentView>.Updated)
                {
                    _queue.Add(change.Key);
                }
            },
            NullLogger.Instance);
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_deployments.RunAsync(cancellationToken), _queue.RunAsync(4, WorkAsync, cancellationToken));

    public void Dispose() => _queue.Dispose();

    private async Task<WorkOutcome> WorkAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_deployments.Find(key) is not { } found)
        {
            return WorkOutcome.Finished;
        }

        try
        {
            int have;
            lock (_gate)
            {
                have = _pods.GetValueOrDefault(key);
            }

            var wanted = found.Value.Spec.Replicas ?? 1;
            for (var i = have; i < wanted; i++)
            {
                await MakePodAsync(found.Value, key, i, cancellationToken);
            }

            if (wanted == have)
            {
                return WorkOutcome.Finished;
            }

            lock (_gate)
            {
                _pods[key] = wanted;
            }

            var status = new JsonObject
            {
                ["status"] = new JsonObject
                {
                    ["observedGeneration"] = found.Value.Metadata.Generation,
                    ["replicas"] = wanted,
                    ["updatedReplicas"] = wanted,
                    ["readyReplicas"] = wanted,
                    ["availableReplicas"] = wanted,
                },
            };
            await _client.PatchStatusAsync(Written, key, status, "node", cancellationToken);
            return WorkOutcome.Finished;
        }
        catch (ApiException)
        {
            return WorkOutcome.Failed;
        }
    }

    private async Task MakePodAsync(DeploymentView deployment, ObjectKey key, int index, CancellationToken cancellationToken)
    {
        var name = Invariant($"{key.Name}-{index}");
        var labels = new JsonObject();
        foreach (var (label, value) in deployment.Spec.Template.Metadata.Labels ?? new Dictionary<string, string>())
        {
            labels[label] = value;
        }

        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["namespace"] = key.Namespace, ["name"] = name, ["labels"] = labels },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "runtime", ["image"] = "inference-runtime:bench" }) },
        };
        try
        {
            await _client.CreateAsync(Pods, pod, cancellationToken);
        }
        catch (ApiException error) when (error.Reason is ApiErrorReason.AlreadyExists)
        {
            // Made by a try whose answer was lost.
        }

        var since = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var ready = JsonNode.Parse($$"""
            {"status": {"phase": "Running",
              "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True", "lastTransitionTime": "{{since}}"}],
              "containerStatuses": [{"name": "runtime", "ready": true, "restartCount": 0, "image": "inference-runtime:bench", "imageID": "", "state": {"running": {} } }]} }
            """)!.AsObject(); // Our own text.
        await _client.PatchStatusAsync(Pods, new(key.Namespace, name), ready, "node", cancellationToken);
    }
}
