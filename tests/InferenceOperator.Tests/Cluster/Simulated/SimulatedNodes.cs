using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Testing.Simulated;
using InferenceRuntime.Contract;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>The Deployment controller, the scheduler and the kubelets of the simulated cluster: makes pods, replaces, starts, drains and removes them.</summary>
/// <remarks>All of it happens on the thread that moves the clock.</remarks>
internal sealed class SimulatedNodes
{
    private const string Controller = "kube-controller-manager";
    private const string Kubelet = "kubelet";
    private const string HashLabel = "pod-template-hash";

    private readonly SimulatedApi _api;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, ITimer> _looks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (ApiKey Pod, SimulatedReplica Replica)> _byAddress = new(StringComparer.Ordinal);
    private int _pods;

    public SimulatedNodes(SimulatedApi api, Random random, TimeProvider time) => (_api, _random, _time) = (api, random, time);

    /// <summary>Requests per second to each agent, by <see cref="ChildNames.Base"/>.</summary>
    public ConcurrentDictionary<string, double> Load { get; } = new(StringComparer.Ordinal);

    /// <summary>The process at an address; null: nobody listens.</summary>
    public SimulatedReplica? At(string address)
    {
        if (!_byAddress.TryGetValue(address, out var found) || _api.Find(found.Pod) is not { } pod)
        {
            return null;
        }

        found.Replica.Count(RateOf(pod));
        return found.Replica;
    }

    /// <summary>Hears of each write.</summary>
    public void Take(ObjectEvent news)
    {
        if (news.Key.Type == SimulatedTypes.Deployments && !news.IsRemoval)
        {
            LookAt(news.Key);
        }
        else if (news.Key.Type == SimulatedTypes.Pods)
        {
            if (news.Before is null)
            {
                After(Between(0.1, 0.5), () => Schedule(news.After));
            }
            else if (news.After.IsEnding && !news.Before.IsEnding && !news.IsRemoval)
            {
                After(Between(1, 4), () => Try(() => _api.Delete(news.Key, Kubelet, uid: news.After.Uid, now: true)));
            }

            if (DeploymentOf(news.After) is { } owner)
            {
                LookAt(owner);
            }
        }
    }

    private static bool IsReady(StoredObject pod) => !pod.IsEnding && pod.Value["status"]?["podIP"] is not null;

    private static int Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (ApiRefusedException)
        {
            // Gone, or changed meanwhile: it is looked at again.
        }
    }

    private double RateOf(StoredObject pod)
    {
        var agent = (string?)pod.Metadata["labels"]?[ChildLabels.Agent] ?? "";
        var serving = _api.All(SimulatedTypes.Pods).Count(other => IsReady(other) && (string?)other.Metadata["labels"]?[ChildLabels.Agent] == agent);
        return IsReady(pod) ? Load.GetValueOrDefault(agent) / Math.Max(1, serving) : 0;
    }

    /// <summary>Counts what came so far at the present rates, before they change.</summary>
    private void CountAll()
    {
        foreach (var address in _byAddress.Keys)
        {
            At(address);
        }
    }

    private ApiKey? DeploymentOf(StoredObject pod) =>
        (string?)pod.Metadata["ownerReferences"]?[0]?["name"] is { } name ? new ApiKey(SimulatedTypes.Deployments, pod.Key.Namespace, name) : null;

    private void LookAt(ApiKey deployment)
    {
        var timer = _looks.GetOrAdd(deployment.ToString(), _ => _time.CreateTimer(_ => Try(() => Reconcile(deployment)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        timer.Change(Between(0.05, 0.3), Timeout.InfiniteTimeSpan);
    }

    private void Reconcile(ApiKey key)
    {
        if (_api.Find(key) is not { IsEnding: false } deployment)
        {
            return;
        }

        var spec = deployment.Value["spec"]!; // The operator wrote it.
        var hash = CanonicalJson.Digest((JsonObject)spec["template"]!)[..10]; // As is this.
        var pods = _api.All(SimulatedTypes.Pods).Where(pod => pod.OwnerUids.Contains(deployment.Uid, StringComparer.Ordinal) && !pod.IsEnding).ToList();
        var current = pods.Where(pod => (string?)pod.Metadata["labels"]?[HashLabel] == hash).OrderByDescending(IsReady).ThenBy(static pod => pod.Key.Name, StringComparer.Ordinal).ToList();
        var former = pods.Except(current).OrderBy(IsReady).ThenBy(static pod => pod.Key.Name, StringComparer.Ordinal).ToList();
        var desired = Number(spec["replicas"]);
        var limits = spec["strategy"]?["rollingUpdate"];
        var most = desired + (former.Count > 0 ? Number(limits?["maxSurge"]) : 0);
        var ready = pods.Count(IsReady);
        var least = desired - Number(limits?["maxUnavailable"]);
        foreach (var extra in current.Skip(desired))
        {
            Try(() => _api.Delete(extra.Key, Controller));
        }

        for (var i = pods.Count; i < most && current.Count + i - pods.Count < desired; i++)
        {
            Make(deployment, (JsonObject)spec["template"]!, hash);
        }

        foreach (var old in former)
        {
            if (!IsReady(old) || ready > least)
            {
                ready -= IsReady(old) ? 1 : 0;
                Try(() => _api.Delete(old.Key, Controller));
            }
        }

        pods = [.. _api.All(SimulatedTypes.Pods).Where(pod => pod.OwnerUids.Contains(deployment.Uid, StringComparer.Ordinal) && !pod.IsEnding)];
        var status = new JsonObject
        {
            ["observedGeneration"] = (long)deployment.Metadata["generation"]!, // It has one.
            ["replicas"] = pods.Count,
            ["updatedReplicas"] = pods.Count(pod => (string?)pod.Metadata["labels"]?[HashLabel] == hash),
            ["readyReplicas"] = pods.Count(IsReady),
        };
        _api.Patch(key, new JsonObject { ["status"] = status }, Controller, status: true);
    }

    private void Make(StoredObject deployment, JsonObject template, string hash)
    {
        var pod = (JsonObject)template.DeepClone();
        var metadata = (JsonObject)pod["metadata"]!; // A template has labels.
        metadata["namespace"] = deployment.Key.Namespace;
        metadata["name"] = string.Create(CultureInfo.InvariantCulture, $"{deployment.Key.Name}-{hash}-{++_pods}");
        metadata["labels"]![HashLabel] = hash;
        metadata["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["name"] = deployment.Key.Name, ["uid"] = deployment.Uid, ["controller"] = true });
        _api.Create(SimulatedTypes.Pods, pod, Controller);
    }

    private void Schedule(StoredObject pod)
    {
        Try(() => _api.Patch(pod.Key, Written("""{"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}]} }"""), Kubelet, status: true));
        After(Between(1, 5), () => Begin(pod));
    }

    private void Begin(StoredObject pod)
    {
        if (_api.Find(pod.Key) is not { IsEnding: false } present || present.Uid != pod.Uid)
        {
            return;
        }

        // Settings and token are mounted: a pod waits for them.
        var side = (string?)pod.Metadata["labels"]?[RevisionSlot.SideLabel];
        var names = ChildNames.Of((string)pod.Metadata["labels"]![ChildLabels.Agent]!); // On each pod; names lend themselves unchanged here.
        var settings = _api.Find(new(SimulatedTypes.ConfigMaps, pod.Key.Namespace, names.Settings(side)));
        var secret = _api.Find(new(SimulatedTypes.Secrets, pod.Key.Namespace, names.AdminToken));
        if (settings is null || secret is null)
        {
            After(TimeSpan.FromSeconds(1), () => Begin(pod));
            return;
        }

        CountAll();
        var address = string.Create(CultureInfo.InvariantCulture, $"10.1.{++_pods / 250}.{_pods % 250}");
        var read = JsonSerializer.Deserialize((string)settings.Value["data"]![RuntimePaths.SettingsFile]!, ContractJson.Default.RuntimeSettings)!; // The operator wrote it.
        var token = Encoding.ASCII.GetString(Convert.FromBase64String((string)secret.Value["data"]![RuntimePaths.AdminTokenFile]!)); // As is this.
        _byAddress[address] = (pod.Key, new SimulatedReplica(_time, token, read, new string('a', 64)));
        var since = _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        Try(() => _api.Patch(
            pod.Key,
            Written($$"""
                {"status": {"phase": "Running", "podIP": "{{address}}",
                  "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True", "lastTransitionTime": "{{since}}"}],
                  "containerStatuses": [{"name": "runtime", "ready": true, "restartCount": 0, "containerID": "simulated://{{address}}", "state": {"running": {} } }]} }
                """),
            Kubelet,
            status: true));
    }

    private void After(TimeSpan wait, Action action)
    {
        ITimer? timer = null;
        timer = _time.CreateTimer(
            _ =>
            {
                timer!.Dispose(); // Set before it can fire: the clock moves on this thread alone.
                CountAll();
                action();
            },
            null,
            wait,
            Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Between(double from, double to)
    {
        lock (_random)
        {
            return TimeSpan.FromSeconds(from + ((to - from) * _random.NextDouble()));
        }
    }

    private static JsonObject Written(string json) => Kit.Written.Json(json);
}
