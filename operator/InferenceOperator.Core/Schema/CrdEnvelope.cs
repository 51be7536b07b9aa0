using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>What the CustomResourceDefinitions of this group have in common: one version each, which is served and stored.</summary>
/// <param name="Definition">Name of the definition, <c>plural.group</c>.</param>
/// <param name="Kind">Kind of its objects.</param>
/// <param name="ListKind">Kind of a list of them.</param>
/// <param name="Plural">In paths, lower case.</param>
/// <param name="Singular">For people, lower case.</param>
/// <param name="ShortName">For people in a hurry.</param>
/// <param name="Scope"><c>Namespaced</c> or <c>Cluster</c>.</param>
internal sealed record CrdEnvelope(string Definition, string Kind, string ListKind, string Plural, string Singular, string ShortName, string Scope)
{
    /// <summary>The whole definition, for the API server.</summary>
    /// <param name="columns">What <c>kubectl get</c> shows.</param>
    /// <param name="subresources">Status, and scale where there is one.</param>
    /// <param name="schema">The OpenAPI schema of an object.</param>
    public JsonObject Around(JsonArray columns, JsonObject subresources, JsonObject schema) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = Definition },
        ["spec"] = new JsonObject
        {
            ["group"] = ResourceNames.Group,
            ["names"] = new JsonObject
            {
                ["kind"] = Kind,
                ["listKind"] = ListKind,
                ["plural"] = Plural,
                ["singular"] = Singular,
                ["shortNames"] = new JsonArray(ShortName),
                ["categories"] = new JsonArray(ResourceNames.Category),
            },
            ["scope"] = Scope,
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = ResourceNames.Version,
                ["served"] = true,
                ["storage"] = true,
                ["additionalPrinterColumns"] = columns,
                ["subresources"] = subresources,
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = schema },
            }),
        },
    };
}
