using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Control;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>Objects that the tests say often.</summary>
internal static class Written
{
    /// <summary>The admin token of <see cref="Children"/>.</summary>
    public const string AdminToken = "0123456789abcdef";

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject(); // The tests' own text.

    /// <summary>An agent with further fields of its spec as JSON.</summary>
    public static JsonObject Agent(string ns, string name, string spec = """ "slo": {"latency": {"target": "50ms"}} """, string uri = "pvc://models/digits-mlp.onnx") => Json($$"""
        {
          "apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent",
          "metadata": {"namespace": "{{ns}}", "name": "{{name}}"},
          "spec": {"model": {"uri": "{{uri}}"}, {{spec}} }
        }
        """);

    /// <summary>The same agent as the operator reads it, with a uid.</summary>
    public static InferenceAgent Read(JsonObject manifest)
    {
        manifest["metadata"]!["uid"] = "11111111-2222-3333-4444-555555555555";
        return Assert.IsType<ManifestReading.Accepted>(AgentManifest.Read(manifest)).Agent;
    }

    public static WorkloadPlan Plan(JsonObject manifest, int replicas = 2)
    {
        var agent = Read(manifest);
        return new()
        {
            Agent = agent,
            Replicas = replicas,
            Choice = VariantChoice.Full,
            Settings = ReplicaSettings.For(agent.Spec, new BatchLimits(16, Duration.Parse("2ms"))),
        };
    }

    /// <summary>All that an operator in its own namespace applies for a plan, on a server that has every kind.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="image">Image of the runtime for new pods.</param>
    /// <param name="deployment">The live Deployment; null: there is none.</param>
    /// <param name="renews">Whether what is there gets the newest rendering.</param>
    /// <param name="sources">What is not public and may give models.</param>
    /// <param name="side">The side of a roll-out; null: the first.</param>
    public static ImmutableArray<Child> Children(WorkloadPlan plan, string image = "inference-runtime:1", JsonObject? deployment = null, bool renews = false, ImmutableArray<string> sources = default, string? side = null)
    {
        var options = new ChildOptions { Image = image, OperatorNamespace = "inference-operator", RenewsPods = renews, ModelSources = sources.IsDefault ? [] : sources };
        var scene = new ChildScene(new(1, 34, "v1.34.0"), ChildKinds.Optional.ToImmutableDictionary(static kind => kind, static kind => kind.Versions()[0]));
        var slot = new RevisionSlot(side, RevisionSpec.Of(plan.Agent.Spec), plan.Replicas);
        var rendering = PodRendering.For(plan.Agent, image, ChildPlan.DigestOf(AdminToken), deployment, renews, side);
        return ChildPlan.Render(plan.Agent, [new(slot, plan.Agent, RuntimeSettingsFrom.Plan(plan.Settings), rendering, PodReplacement.Surge)], AdminToken, options, scene);
    }

    /// <summary>A pod as the Deployment's controller would make it, with the ports of a process on this machine.</summary>
    public static JsonObject Pod(string ns, string name, string agent, int http = 8000, int metrics = 8002, int admin = 8003) => Json($$"""
        {
          "apiVersion": "v1", "kind": "Pod",
          "metadata": {"namespace": "{{ns}}", "name": "{{name}}", "labels": {
            "app.kubernetes.io/name": "inference-runtime", "app.kubernetes.io/managed-by": "inference-operator", "inferenceoperator.io/agent": "{{agent}}"} },
          "spec": {"containers": [{"name": "runtime", "image": "inference-runtime:test", "ports": [
            {"name": "http", "containerPort": {{http}} }, {"name": "metrics", "containerPort": {{metrics}} }, {"name": "admin", "containerPort": {{admin}} }]}]}
        }
        """);

    public static JsonObject ReadyStatus(DateTimeOffset since) => Json($$"""
        {"status": {"phase": "Running", "podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}],
          "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True", "lastTransitionTime": "{{since:yyyy-MM-dd'T'HH:mm:ss'Z'}}"}],
          "containerStatuses": [{"name": "runtime", "ready": true, "restartCount": 0, "image": "inference-runtime:test", "imageID": "", "containerID": "test://1", "state": {"running": {} } }]} }
        """);
}
