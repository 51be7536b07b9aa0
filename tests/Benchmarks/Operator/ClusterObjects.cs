using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using InferenceOperator.Kubernetes.Models;

namespace InferenceOperator.Benchmarks.Operator;

/// <summary>What the benchmark reads of an InferenceAgent.</summary>
internal sealed record AgentView(AgentStatusView? Status);

/// <param name="ObservedGeneration">The generation that was reconciled.</param>
/// <param name="Conditions">As they are.</param>
internal sealed record AgentStatusView(long? ObservedGeneration, IReadOnlyList<Condition>? Conditions);

/// <summary>What the fake node reads of a Deployment.</summary>
internal sealed record DeploymentView(ObjectMeta Metadata, DeploymentSpecView Spec);

internal sealed record DeploymentSpecView(int? Replicas, PodTemplateView Template);

internal sealed record PodTemplateView(TemplateMetaView Metadata);

internal sealed record TemplateMetaView(IReadOnlyDictionary<string, string>? Labels);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgentView))]
[JsonSerializable(typeof(DeploymentView))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ClusterJson : JsonSerializerContext;
