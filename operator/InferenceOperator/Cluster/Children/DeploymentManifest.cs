using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>The replicas.</summary>
/// <remarks>
/// Nothing in the pod template may depend on the operator's version, on settings or on the number of replicas: a template
/// that differs restarts every pod. Golden files guard it.
/// </remarks>
internal static class DeploymentManifest
{
    /// <summary>Name of the runtime's container.</summary>
    public const string Container = "runtime";

    /// <summary>Name of the environment variable from which a replica learns its own name.</summary>
    public const string PodName = "POD_NAME";

    /// <summary>Longest that a pod may take from start to ready before it is started again, seconds.</summary>
    private const int StartUpSecondsMax = 600;

    /// <summary>Room for the image pull and a full start before a rollout counts as stuck, seconds.</summary>
    private const int ProgressDeadlineSeconds = 1200;

    /// <summary>Room for the drain delay and the requests in flight, seconds.</summary>
    private const int TerminationGraceSeconds = 60;

    /// <param name="agent">The agent, with what the revision is made from.</param>
    /// <param name="slot">The revision.</param>
    /// <param name="tokenDigest">First digits of the admin token's SHA-256.</param>
    public static JsonObject Render(InferenceAgent agent, RevisionSlot slot, string tokenDigest)
    {
        var models = ModelVolumes.Of(agent.Spec);
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin("apps/v1", "Deployment", names.Deployment(slot.Side), agent, names);
        manifest["metadata"]!["annotations"] = new JsonObject
        {
            [RevisionSlot.NameAnnotation] = slot.Revision.Name.Text,
            [RevisionSlot.SpecAnnotation] = slot.Revision.ToText(),
        };
        manifest["spec"] = new JsonObject
        {
            ["replicas"] = slot.Replicas,
            ["selector"] = new JsonObject { ["matchLabels"] = ChildLabels.OfSide(ChildLabels.PodSelector(names), slot.Side) },
            ["strategy"] = new JsonObject
            {
                ["type"] = "RollingUpdate",
                ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 0, ["maxSurge"] = 1 },
            },
            ["revisionHistoryLimit"] = 3,
            ["progressDeadlineSeconds"] = ProgressDeadlineSeconds,
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = ChildLabels.OfSide(ChildLabels.Of(names), slot.Side),
                    ["annotations"] = new JsonObject
                    {
                        [ChildLabels.AdminTokenDigest] = tokenDigest,
                        ["prometheus.io/scrape"] = "true",
                        ["prometheus.io/port"] = RuntimePorts.Metrics.ToString(CultureInfo.InvariantCulture),
                    },
                },
                ["spec"] = PodSpec(agent, models, slot, names),
            },
        };
        return manifest;
    }

    private static JsonObject PodSpec(InferenceAgent agent, ModelVolumes models, RevisionSlot slot, ChildNames names)
    {
        var template = agent.Spec.Template ?? [];
        var forContainer = new JsonObject();
        var forPod = new JsonObject();
        foreach (var (name, value) in template)
        {
            (PodTemplate.ContainerFields.Contains(name) ? forContainer : forPod)[name] = value?.DeepClone();
        }

        var container = StrategicMerge.Objects(RuntimeContainer(agent, models, slot.Revision.Image), forContainer);
        var pod = StrategicMerge.Objects(Surroundings(models, names, slot.Side), forPod);
        AddGpus(container, agent.Spec.Gpu);

        var containers = new JsonArray { container };
        foreach (var sidecar in pod["containers"] as JsonArray ?? [])
        {
            containers.Add(sidecar?.DeepClone());
        }

        pod["containers"] = containers;
        return pod;
    }

    private static JsonObject RuntimeContainer(InferenceAgent agent, ModelVolumes models, string image) => new()
    {
        ["name"] = Container,
        ["image"] = image,
        ["args"] = RuntimeArguments.Render(agent, models),
        ["env"] = new JsonArray
        {
            new JsonObject
            {
                ["name"] = PodName,
                ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "metadata.name" } },
            },
        },
        ["ports"] = new JsonArray
        {
            Port(RuntimePorts.HttpName, RuntimePorts.Http),
            Port(RuntimePorts.GrpcName, RuntimePorts.Grpc),
            Port(RuntimePorts.MetricsName, RuntimePorts.Metrics),
            Port(RuntimePorts.AdminName, RuntimePorts.Admin),
        },
        ["startupProbe"] = Probe("/readyz", periodSeconds: 1, failureThreshold: StartUpSecondsMax),
        ["readinessProbe"] = Probe("/readyz", periodSeconds: 2, failureThreshold: 2),
        ["livenessProbe"] = Probe("/healthz", periodSeconds: 10, failureThreshold: 3),
        ["terminationMessagePath"] = RuntimePaths.TerminationLog,
        ["terminationMessagePolicy"] = "FallbackToLogsOnError",
        ["securityContext"] = new JsonObject
        {
            ["allowPrivilegeEscalation"] = false,
            ["readOnlyRootFilesystem"] = true,
            ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
        },
        ["volumeMounts"] = new JsonArray(
        [
            .. models.All.Select(static model => Mount(model.Volume, model.Folder, readOnly: true)),
            Mount("settings", RuntimePaths.SettingsFolder, readOnly: true),
            Mount("admin-token", RuntimePaths.AdminTokenFolder, readOnly: true),
            Mount("tmp", RuntimePaths.Temporary, readOnly: false),
        ]),
    };

    private static JsonObject Surroundings(ModelVolumes models, ChildNames names, string? side) => new()
    {
        ["automountServiceAccountToken"] = false,
        ["enableServiceLinks"] = false,
        ["terminationGracePeriodSeconds"] = TerminationGraceSeconds,
        ["securityContext"] = new JsonObject
        {
            ["runAsNonRoot"] = true,
            ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
        },
        ["volumes"] = new JsonArray(
        [
            .. models.All.Select(static model => new JsonObject
            {
                ["name"] = model.Volume,
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = model.Claim, ["readOnly"] = true },
            }),
            new JsonObject { ["name"] = "settings", ["configMap"] = new JsonObject { ["name"] = names.Settings(side) } },
            new JsonObject { ["name"] = "admin-token", ["secret"] = new JsonObject { ["secretName"] = names.AdminToken } },
            new JsonObject { ["name"] = "tmp", ["emptyDir"] = new JsonObject { ["sizeLimit"] = "64Mi" } },
        ]),
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

    private static JsonObject Mount(string volume, string path, bool readOnly)
    {
        var mount = new JsonObject { ["name"] = volume, ["mountPath"] = path };
        if (readOnly)
        {
            mount["readOnly"] = true;
        }

        return mount;
    }

    private static JsonObject Probe(string path, int periodSeconds, int failureThreshold) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = RuntimePorts.MetricsName },
        ["periodSeconds"] = periodSeconds,
        ["failureThreshold"] = failureThreshold,
        ["timeoutSeconds"] = 2,
    };
}
