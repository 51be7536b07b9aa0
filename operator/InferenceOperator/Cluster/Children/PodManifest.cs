using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster.Children;

/// <summary>The pod template of an agent's replicas, by each revision of the rendering that was ever in use.</summary>
/// <remarks>
/// A template that differs restarts every pod. It may not depend on the operator's version, on settings or on the number of
/// replicas, and what a revision gives for an agent never changes again: what is to be rendered otherwise is a new revision
/// (<see cref="PodRendering"/>). The children of released versions in the tests guard it.
/// </remarks>
internal static class PodManifest
{
    /// <summary>Name of the runtime's container.</summary>
    public const string Container = "runtime";

    /// <summary>Longest that a pod may take from start to ready before it is started again, seconds.</summary>
    private const int StartUpSecondsMax = 600;

    /// <param name="agent">The agent; its files do not lie on one machine.</param>
    /// <param name="revision">Revision of the rendering, from 1 to <see cref="PodRendering.Newest"/>.</param>
    /// <param name="image">Image of the runtime, unless the agent's template has one.</param>
    /// <param name="tokenDigest">First digits of the admin token's SHA-256.</param>
    /// <param name="side">The side of a roll-out; null: the first, whose pods do not show it.</param>
    /// <exception cref="WorkloadException">The agent's template takes the runtime's container away.</exception>
    public static JsonObject Render(InferenceAgent agent, int revision, string image, string tokenDigest, string? side = null)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        return new()
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = ChildLabels.OfSide(ChildLabels.Of(names), side),
                ["annotations"] = new JsonObject
                {
                    [ChildLabels.AdminTokenDigest] = tokenDigest,
                    ["prometheus.io/scrape"] = "true",
                    ["prometheus.io/port"] = RuntimePorts.Metrics.ToString(CultureInfo.InvariantCulture),
                },
            },
            ["spec"] = Spec(agent, revision, image, names, side),
        };
    }

    private static JsonObject Spec(InferenceAgent agent, int revision, string image, ChildNames names, string? side)
    {
        var models = ModelVolumes.Of(agent.Spec);
        var forContainer = new JsonObject();
        var forPod = new JsonObject();
        foreach (var (name, value) in agent.Spec.Template ?? [])
        {
            (PodTemplate.ContainerFields.Contains(name) ? forContainer : forPod)[name] = value?.DeepClone();
        }

        var own = Surroundings(agent, revision, models, names, side);
        if (FetchContainer.Render(agent, image, forContainer["resources"]) is { } fetch)
        {
            own["initContainers"] = new JsonArray { fetch };
        }

        if (ModelImages.PullSecrets(agent.Spec).ToList() is { Count: > 0 } secrets)
        {
            own["imagePullSecrets"] = new JsonArray([.. secrets.Select(static name => new JsonObject { ["name"] = name })]);
        }

        own["containers"] = new JsonArray { StrategicMerge.Objects(RuntimeContainer(agent, revision, models, image), forContainer) };
        var pod = StrategicMerge.Objects(own, forPod);
        var container = (pod["containers"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(static c => c["name"]?.ToString() == Container)
            ?? throw new WorkloadException($"spec.template.containers takes the container '{Container}' away, without which nothing is served") { IsRefusal = true };
        AddGpus(container, agent.Spec.Gpu);
        return pod;
    }

    private static JsonObject RuntimeContainer(InferenceAgent agent, int revision, ModelVolumes models, string image) => OwnContainer.Render(
        Container,
        image,
        RuntimeArguments.Render(agent, revision, models),
        serving:
        [
            new("ports", new JsonArray
            {
                Port(RuntimePorts.HttpName, RuntimePorts.Http),
                Port(RuntimePorts.GrpcName, RuntimePorts.Grpc),
                Port(RuntimePorts.MetricsName, RuntimePorts.Metrics),
                Port(RuntimePorts.AdminName, RuntimePorts.Admin),
            }),
            new("startupProbe", Probe("/readyz", periodSeconds: 1, failureThreshold: StartUpSecondsMax)),
            new("readinessProbe", Probe("/readyz", periodSeconds: 2, failureThreshold: 2)),
            new("livenessProbe", Probe("/healthz", periodSeconds: 10, failureThreshold: 3)),
        ],
        [
            .. models.Mounts.Select(static model => OwnContainer.Mount(model.Volume, model.Folder, readOnly: true)),
            OwnContainer.Mount("settings", RuntimePaths.SettingsFolder, readOnly: true),
            OwnContainer.Mount("admin-token", RuntimePaths.AdminTokenFolder, readOnly: true),
            OwnContainer.Mount("tmp", RuntimePaths.Temporary, readOnly: false),
            .. EngineVolume.Mounts(agent.Spec),
        ]);

    private static JsonObject Surroundings(InferenceAgent agent, int revision, ModelVolumes models, ChildNames names, string? side)
    {
        var pod = new JsonObject
        {
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["terminationGracePeriodSeconds"] = (long)DrainTimes.Of(agent.Spec.Template).Grace.TotalSeconds,
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["volumes"] = new JsonArray(
            [
                .. models.Volumes,
                .. FetchContainer.Volumes(agent.Spec),
                new JsonObject { ["name"] = "settings", ["configMap"] = new JsonObject { ["name"] = names.Settings(side) } },
                new JsonObject { ["name"] = "admin-token", ["secret"] = new JsonObject { ["secretName"] = names.AdminToken } },
                new JsonObject { ["name"] = "tmp", ["emptyDir"] = new JsonObject { ["sizeLimit"] = "64Mi" } },
                .. EngineVolume.Volumes(agent.Spec),
            ]),
        };
        if (revision >= PodRendering.WithSpread)
        {
            pod["serviceAccountName"] = names.Base;
            pod["topologySpreadConstraints"] = new JsonArray { Spread("kubernetes.io/hostname", names), Spread("topology.kubernetes.io/zone", names) };
        }

        return pod;
    }

    /// <summary>Apart where there is room to be apart; a full cluster is no reason to wait.</summary>
    private static JsonObject Spread(string over, ChildNames names) => new()
    {
        ["maxSkew"] = 1,
        ["topologyKey"] = over,
        ["whenUnsatisfiable"] = "ScheduleAnyway",
        ["labelSelector"] = new JsonObject { ["matchLabels"] = ChildLabels.PodSelector(names) },
    };

    /// <summary>GPUs are declared in <c>spec.gpu</c> alone; a device plugin's resources take limits, and requests follow.</summary>
    private static void AddGpus(JsonObject container, GpuSpec gpu)
    {
        if (gpu.Count == 0)
        {
            return;
        }

        var limits = new JsonObject { ["limits"] = new JsonObject { [gpu.Resource] = gpu.Count.ToString(CultureInfo.InvariantCulture) } };
        container["resources"] = StrategicMerge.Objects(container["resources"] as JsonObject ?? [], limits);
    }

    private static JsonObject Port(string name, int number) => new() { ["name"] = name, ["containerPort"] = number, ["protocol"] = "TCP" };

    private static JsonObject Probe(string path, int periodSeconds, int failureThreshold) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = RuntimePorts.MetricsName },
        ["periodSeconds"] = periodSeconds,
        ["failureThreshold"] = failureThreshold,
        ["timeoutSeconds"] = 2,
    };
}
