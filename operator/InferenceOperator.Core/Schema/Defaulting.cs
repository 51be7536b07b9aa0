using System.Text.Json.Nodes;

namespace InferenceOperator.Core.Schema;

/// <summary>Fills in defaults as an API server does with a structural schema.</summary>
internal static class Defaulting
{
    /// <summary>Changes the tree in place. Nulls go, missing fields with a default get it.</summary>
    public static void Apply(SchemaNode schema, JsonNode? value)
    {
        switch (schema, value)
        {
            case (SchemaNode.Object node, JsonObject fields):
                ApplyToFields(node, fields);
                break;
            case (SchemaNode.List node, JsonArray items):
                foreach (var item in items)
                {
                    Apply(node.Items, item);
                }

                break;
        }
    }

    private static void ApplyToFields(SchemaNode.Object schema, JsonObject fields)
    {
        foreach (var field in schema.Fields)
        {
            if (fields.ContainsKey(field.Name) && fields[field.Name] is null)
            {
                fields.Remove(field.Name);
            }

            if (!fields.ContainsKey(field.Name) && field.Node.NewDefault() is { } value)
            {
                fields[field.Name] = value;
            }

            Apply(field.Node, fields[field.Name]);
        }
    }
}
