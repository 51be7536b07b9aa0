using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>What the readers of all kinds of manifests share.</summary>
internal static class StrictReading
{
    /// <summary>Checks a manifest without its status, and fills in defaults in place where it is good.</summary>
    /// <returns>What is wrong; empty: nothing.</returns>
    public static ImmutableArray<FieldError> Check(SchemaNode.Object root, string kind, JsonObject tree)
    {
        var check = new StrictCheck();
        check.Check(root, tree, "");
        ImmutableArray<FieldError> errors = [.. check.Errors, .. Identity(tree, kind)];
        if (!errors.IsEmpty)
        {
            return errors;
        }

        Defaulting.Apply(root, tree);
        check.CheckRules(root, tree, "");
        return [.. check.Errors];
    }

    /// <summary>A value that the schema does not look into, metadata's, and that cannot be read.</summary>
    public static FieldError WrongType(JsonException e) => new(e.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "(manifest)", "has a wrong type");

    private static IEnumerable<FieldError> Identity(JsonObject tree, string kind)
    {
        if (!IsText(tree["apiVersion"], ResourceNames.ApiVersion))
        {
            yield return new("apiVersion", $"must be {ResourceNames.ApiVersion}");
        }

        if (!IsText(tree["kind"], kind))
        {
            yield return new("kind", $"must be {kind}");
        }

        if (tree["metadata"] is not JsonObject metadata || !metadata.ContainsKey("name"))
        {
            yield return new("metadata.name", "is required");
        }
    }

    private static bool IsText(JsonNode? node, string text) => node is JsonValue value && value.TryGetValue<string>(out var written) && written == text;
}
