using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Scarcity;
using InferenceOperator.Core.Schema;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.GitOps;

/// <summary>Agents in the situations that a GitOps tool meets, with the statuses that the operator writes of them, and what is to be said.</summary>
internal static class HealthTable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ReplicaObservation Serving = new("ranker-1", ReplicaPhase.Ready, Now);

    private static readonly Shortage Nothing = new(1, 0, new("nvidia.com/gpu", null, "nodes", 4, 0), 1, 1, null);

    /// <param name="Name">The situation.</param>
    /// <param name="Agent">The object as the API server shows it.</param>
    /// <param name="Argo">Argo CD's health.</param>
    /// <param name="Flux">Flux's verdict.</param>
    /// <param name="Kstatus">What every other tool says.</param>
    public sealed record Row(string Name, JsonObject Agent, string Argo, string Flux, string Kstatus);

    public static ImmutableArray<Row> Rows { get; } =
    [
        new("just created", Unseen(), "Progressing", "InProgress", "InProgress"),
        new("starting", Seen([]), "Progressing", "InProgress", "InProgress"),
        new("its image cannot be pulled", Seen([new("ranker-1", ReplicaPhase.Failed, Now, "the image cannot be pulled", ReplicaFault.ImageUnavailable)]), "Progressing", "InProgress", "InProgress"),
        new("finds no place", Seen([new("ranker-1", ReplicaPhase.Unschedulable, Now, "0/3 nodes are available")]), "Progressing", "InProgress", "InProgress"),
        new("serving", Seen([Serving]), "Healthy", "Current", "Current"),
        new("without metrics", Seen([Serving], measurement: new Measurement.Unknown(UnknownReason.Stale, "Prometheus is away")), "Healthy", "Current", "Current"),
        new("missing its SLO", Seen([Serving], measurement: Missed()), "Healthy", "Current", "Current"),
        new("scaled up by load", Seen([Serving], replicas: 5), "Healthy", "Current", "Current"),
        new("one replica fails", Seen([Serving, new("ranker-2", ReplicaPhase.Failed, Now, "out of memory", ReplicaFault.OutOfMemory)], replicas: 2), "Healthy", "Current", "Current"),
        new("a gpu it does not use", Seen([Serving], static w => w with { Placement = new(ModelPlacement.CpuProvider, 0) }, """ "gpu": {"count": 1} """), "Healthy", "Current", "Current"),
        new("changed, and not seen yet", Changed(Seen([Serving])), "Progressing", "InProgress", "InProgress"),
        new("changed, and not applied yet", Seen([Serving], static w => w with { Generation = 0 }), "Progressing", "InProgress", "InProgress"),
        new("rolling out", Seen([Serving], static w => w with { Generation = 1, Rollout = new(1, 2, IsInPlace: true) }), "Progressing", "InProgress", "InProgress"),
        new("fewer replicas than declared", Seen([Serving], spec: """ "scaling": {"minReplicas": 3} """, replicas: 3), "Progressing", "InProgress", "InProgress"),
        new("rejected, the former version serves", Rejected(Seen([Serving])), "Degraded", "Failed", "Failed"),
        new("rejected from the start", Rejected(Unseen()), "Degraded", "Failed", "Failed"),
        new("its model is refused", Seen([new("ranker-1", ReplicaPhase.Failed, Now, "another SHA-256", ReplicaFault.ModelRejected)], static w => w with { ModelProblem = "another SHA-256" }), "Degraded", "Failed", "Failed"),
        new("its children could not be applied yet", Seen([Serving], static w => w with { ApplyDelay = "too many requests" }), "Progressing", "InProgress", "InProgress"),
        new("its children are refused", Seen([Serving], static w => w with { ApplyProblem = "the quota is used up" }), "Degraded", "Failed", "Failed"),
        new("scaled to zero by people", Seen([], spec: """ "scaling": {"replicas": 0} """, replicas: 0), "Suspended", "Current", "Current"),
        new("asleep", Seen([], spec: """ "scaling": {"minReplicas": 0} """, replicas: 0), "Healthy", "Current", "Current"),
        new("all its gpus went to others", Seen([], replicas: 0, cut: true), "Degraded", "InProgress", "InProgress"),
        new("being deleted", Deleted(Seen([Serving])), "Progressing", "Current", "Terminating"),
    ];

    private static JsonObject Unseen()
    {
        var agent = Manifest("""  "slo": {"latency": {"target": "50ms"}}  """);
        agent["status"] = CrdYaml.Definition()["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["status"]!["default"]!.DeepClone(); // As the API server fills in.
        return agent;
    }

    private static JsonObject Seen(
        ImmutableArray<ReplicaObservation> replicasSeen,
        Func<WorkloadObservation, WorkloadObservation>? with = null,
        string spec = """ "slo": {"latency": {"target": "50ms"}} """,
        int replicas = 1,
        Measurement? measurement = null,
        bool cut = false)
    {
        var manifest = Manifest(spec);
        var agent = Written.Read(manifest.DeepClone().AsObject());
        var workload = new WorkloadObservation { WantedReplicas = replicas, Replicas = replicasSeen };
        workload = with?.Invoke(workload) ?? workload;
        var step = new AgentController().Step(new ControlInput { Agent = agent, Workload = workload, MetricInterval = TimeSpan.FromSeconds(5) }, Now);
        var decision = cut ? step.Decision with { Rule = DecisionRule.Scarcity, Basis = step.Decision.Basis with { Cut = Nothing } } : step.Decision;
        var status = StatusPlanner.Plan(agent, step with { Replicas = replicas, Measurement = measurement ?? step.Measurement, Decision = decision }, workload, Now);
        manifest["status"] = AgentManifest.Write(status);
        return manifest;
    }

    private static JsonObject Rejected(JsonObject manifest)
    {
        var agent = Assert.IsType<ManifestReading.Accepted>(AgentManifest.Read(manifest)).Agent;
        manifest["metadata"]!["generation"] = 2;
        manifest["status"] = AgentManifest.Write(StatusPlanner.Rejected(2, agent.Status, [new FieldError("spec.slo", "has no target")], Now));
        return manifest;
    }

    private static JsonObject Changed(JsonObject manifest)
    {
        manifest["metadata"]!["generation"] = 2;
        return manifest;
    }

    private static JsonObject Deleted(JsonObject manifest)
    {
        manifest["metadata"]!["deletionTimestamp"] = "2026-03-01T12:00:00Z";
        return manifest;
    }

    private static JsonObject Manifest(string spec)
    {
        var manifest = Written.Agent("ads", "ranker", spec);
        manifest["metadata"]!["generation"] = 1;
        return manifest;
    }

    private static Measurement.Measured Missed()
    {
        var rates = new WindowRates(60, 20, 20, 20, 1200, 300);
        return new(new TrafficWindow { Short = rates, Medium = rates, Long = rates, P50Seconds = 0.01, P99Seconds = 0.4 }) { SampledAt = Now };
    }
}
