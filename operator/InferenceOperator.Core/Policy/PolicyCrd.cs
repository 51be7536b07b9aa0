using System.Text.Json.Nodes;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Policy;

/// <summary>The CustomResourceDefinition of policies, rendered from their schema.</summary>
public static class PolicyCrd
{
    private static readonly CrdEnvelope Envelope = new(
        PolicyNames.CrdName, PolicyNames.Kind, PolicyNames.ListKind, PolicyNames.Plural, PolicyNames.Singular, PolicyNames.ShortName, Scope: "Cluster");

    /// <summary>The whole file <c>crds/inferencepolicies.inferenceoperator.io.yaml</c>, ending with a line feed; equal on every call.</summary>
    public static string Render() => CrdYaml.Head + YamlWriter.Write(Definition());

    /// <summary>The same as JSON, for the API server.</summary>
    public static JsonObject Definition() => Envelope.Around(
        new JsonArray(
            CrdYaml.Column("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status", "It is in force."),
            CrdYaml.Column("Precedence", "integer", ".spec.precedence", "Whose defaults hold."),
            CrdYaml.Column("Message", "string", ".status.conditions[?(@.type==\"Ready\")].message", "Why it is not in force.", priority: 1),
            CrdYaml.Column("Age", "date", ".metadata.creationTimestamp", "Time since creation.")),
        new JsonObject { ["status"] = new JsonObject() },
        OpenApiSchema.From(PolicySchema.Root));
}
