using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Policy;

/// <summary>The CustomResourceDefinition of policies, rendered from their schema.</summary>
public static class PolicyCrd
{
    /// <summary>The whole file <c>crds/inferencepolicies.inferenceoperator.io.yaml</c>, ending with a line feed; equal on every call.</summary>
    public static string Render() => CrdYaml.Head + YamlWriter.Write(Definition());

    /// <summary>The same as JSON, for the API server.</summary>
    public static JsonObject Definition() => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = PolicyNames.CrdName },
        ["spec"] = new JsonObject
        {
            ["group"] = ResourceNames.Group,
            ["names"] = new JsonObject
            {
                ["kind"] = PolicyNames.Kind,
                ["listKind"] = PolicyNames.ListKind,
                ["plural"] = PolicyNames.Plural,
                ["singular"] = PolicyNames.Singular,
                ["shortNames"] = new JsonArray(PolicyNames.ShortName),
                ["categories"] = new JsonArray(ResourceNames.Category),
            },
            ["scope"] = "Cluster",
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = ResourceNames.Version,
                ["served"] = true,
                ["storage"] = true,
                ["additionalPrinterColumns"] = new JsonArray(
                    CrdYaml.Column("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status", "It is in force."),
                    CrdYaml.Column("Precedence", "integer", ".spec.precedence", "Whose defaults hold."),
                    CrdYaml.Column("Message", "string", ".status.conditions[?(@.type==\"Ready\")].message", "Why it is not in force.", priority: 1),
                    CrdYaml.Column("Age", "date", ".metadata.creationTimestamp", "Time since creation.")),
                ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = OpenApiSchema.From(PolicySchema.Root) },
            }),
        },
    };
}
