using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Caching;
using Microsoft.Extensions.Logging.Abstractions;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Operator;

/// <summary>The agents of the benchmark: applied here, and seen to be reconciled.</summary>
internal sealed class Population
{
    public const string Namespace = "bench";

    /// <summary>Agents that are applied at the same time.</summary>
    private const int AppliedAtOnce = 16;

    private static readonly ResourceType Type = new("inferenceoperator.io", "v1alpha1", "inferenceagents", "InferenceAgent", Namespaced: true);
    private static readonly Resource<JsonObject> Written = Resource.Untyped(Type);

    private readonly KubernetesClient _client;
    private readonly TimeProvider _time;
    private readonly Informer<AgentView> _agents;
    private readonly ConcurrentDictionary<string, long> _applied = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _deployed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _reconciled = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _ready = new(StringComparer.Ordinal);
    private int _count;

    public Population(KubernetesClient client, TimeProvider time)
    {
        (_client, _time) = (client, time);
        _agents = new Informer<AgentView>(client, new Resource<AgentView>(Type, ClusterJson.Default.AgentView), new InformerOptions<AgentView>(), Take, NullLogger.Instance);
    }

    public int Count => _count;

    /// <summary>Agents whose Deployment is there and whose status names their generation.</summary>
    public int Reconciled => _reconciled.Keys.Count(_deployed.ContainsKey);

    /// <summary>Agents whose status says that they are ready.</summary>
    public int Ready => _ready.Count;

    public Task RunAsync(CancellationToken cancellationToken) => _agents.RunAsync(cancellationToken);

    /// <summary>A Deployment, the last of an agent's children to be made, was seen.</summary>
    public void DeploymentSeen(ObjectKey key) => _deployed.TryAdd(key.Name, _time.GetTimestamp());

    /// <summary>Applies so many more at once.</summary>
    public async Task ApplyAsync(int count, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = AppliedAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, count, options, async (_, cancelled) => await ApplyOneAsync(cancelled));
    }

    /// <summary>Applies so many more, one after another, so many a second.</summary>
    /// <returns>Seconds from a manifest to the last of its children, sorted.</returns>
    public async Task<double[]> ApplyEvenlyAsync(int count, double perSecond, CancellationToken cancellationToken)
    {
        var first = _count;
        var applying = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / perSecond), _time);
        for (var i = 0; i < count && await timer.WaitForNextTickAsync(cancellationToken); i++)
        {
            applying.Add(ApplyOneAsync(cancellationToken));
        }

        await Task.WhenAll(applying);
        await UntilAsync(() => Reconciled >= _count, cancellationToken);
        return [.. Enumerable.Range(first, count).Select(Name).Select(name => _time.GetElapsedTime(_applied[name], _deployed[name]).TotalSeconds).Order()];
    }

    /// <summary>Waits for a moment, looking again each 50 ms.</summary>
    /// <exception cref="TimeoutException">It did not come within 10 minutes.</exception>
    public async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        while (!condition())
        {
            if (_time.GetElapsedTime(start) > TimeSpan.FromMinutes(10))
            {
                throw new TimeoutException(Invariant($"of {_count} agents {Reconciled} are reconciled and {Ready} ready"));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), _time, cancellationToken);
        }
    }

    private static string Name(int index) => Invariant($"agent-{index:0000}");

    private async Task ApplyOneAsync(CancellationToken cancellationToken)
    {
        var name = Name(Interlocked.Increment(ref _count) - 1);
        var manifest = JsonNode.Parse($$"""
            {
              "apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "metadata": {"namespace": "{{Namespace}}", "name": "{{name}}"},
              "spec": {"model": {"uri": "pvc://models/{{name}}.onnx"}, "gpu": {"count": 0}, "slo": {"latency": {"percentile": "99", "target": "50ms"} }, "scaling": {"minReplicas": 1, "maxReplicas": 4} }
            }
            """)!.AsObject(); // Our own text.
        _applied[name] = _time.GetTimestamp();
        await _client.CreateAsync(Written, manifest, cancellationToken);
    }

    private void Take(ObjectChange<AgentView> change)
    {
        var seen = change switch
        {
            ObjectChange<AgentView>.Added added => added.New,
            ObjectChange<AgentView>.Updated updated => updated.New,
            _ => null,
        };
        if (seen?.Value.Status is not { ObservedGeneration: not null } status)
        {
            return;
        }

        var now = _time.GetTimestamp();
        _reconciled.TryAdd(seen.Key.Name, now);
        if (status.Conditions?.Any(static condition => condition is { Type: "Ready", Status: "True" }) == true)
        {
            _ready.TryAdd(seen.Key.Name, now);
        }
    }
}
