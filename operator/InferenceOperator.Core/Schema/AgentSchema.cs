using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>The schema of the whole resource. Only fields whose function is there stand in it: anything else is refused, never ignored.</summary>
internal static class AgentSchema
{
    /// <summary>What a name has to be.</summary>
    private static readonly string NameMessage =
        $"must start with a lower-case letter, hold only lower-case letters, digits and '-', end with a letter or digit, and be at most {ResourceNames.NameLengthMax} characters long";

    public static SchemaNode.Object Root { get; } = new(
    [
        new("apiVersion", new SchemaNode.Text { Description = "Always inferenceoperator.io/v1alpha1." }),
        new("kind", new SchemaNode.Text { Description = "Always InferenceAgent." }),
        new("metadata", new SchemaNode.Object([]) { PreservesUnknown = true }),
        new("spec", SpecSchema.Root, Required: true),
        new("status", StatusSchema.Root),
    ])
    {
        Description = "One model served under a latency SLO: the operator runs its replicas, and moves the batch limit and the number of replicas to hold the SLO at the least cost.",
        Rules =
        [
            new(
                $"self.metadata.name.size() <= {ResourceNames.NameLengthMax} && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
                "metadata.name",
                NameMessage,
                root => IsName(root["metadata"]?["name"])),
        ],
    };

    private static bool IsName(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var name)
        && name.Length is > 0 and <= ResourceNames.NameLengthMax
        && char.IsAsciiLetterLower(name[0])
        && name[^1] != '-'
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
