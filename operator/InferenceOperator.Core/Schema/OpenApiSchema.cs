using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>Turns the schema into Kubernetes' structural OpenAPI v3 form.</summary>
internal static class OpenApiSchema
{
    public static JsonObject From(SchemaNode node)
    {
        var json = new JsonObject();
        if (node.Description.Length > 0)
        {
            // kubectl explain shows the description alone.
            json["description"] = node.NewDefault() is JsonValue said ? $"{node.Description} Default: {said}." : node.Description;
        }

        if (node.NewDefault() is { } value)
        {
            json["default"] = value;
        }

        switch (node)
        {
            case SchemaNode.Object o:
                AddObject(json, o);
                break;
            case SchemaNode.Text t:
                AddText(json, t);
                break;
            case SchemaNode.Choice c:
                json["type"] = "string";
                json["enum"] = Array(c.Names);
                break;
            case SchemaNode.Whole w:
                AddWhole(json, w);
                break;
            case SchemaNode.Flag:
                json["type"] = "boolean";
                break;
            case SchemaNode.List l:
                AddList(json, l);
                break;
            case SchemaNode.Map m:
                json["type"] = "object";
                json["maxProperties"] = m.CountMax;
                json["additionalProperties"] = From(m.Values);
                break;
            case SchemaNode.Amount:
                json["x-kubernetes-int-or-string"] = true;
                break;
            case SchemaNode.Step:
                json["x-kubernetes-int-or-string"] = true;
                json["minimum"] = 1;
                json["maximum"] = StepLimit.ReplicasMax;
                json["pattern"] = "^(1000|[1-9][0-9]{0,2})%$";
                json["maxLength"] = 5;
                break;
            case SchemaNode.Anything:
                json["type"] = "object";
                json["x-kubernetes-preserve-unknown-fields"] = true;
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }

        return json;
    }

    private static void AddObject(JsonObject json, SchemaNode.Object node)
    {
        json["type"] = "object";
        var required = node.Fields.Where(f => f.Required).Select(f => f.Name).ToArray();
        if (required.Length > 0)
        {
            json["required"] = Array(required);
        }

        if (!node.Fields.IsEmpty)
        {
            var properties = new JsonObject();
            foreach (var field in node.Fields.Where(static field => !IsDirective(field)))
            {
                properties[field.Name] = From(field.Node);
            }

            json["properties"] = properties;
        }

        if ((node.PreservesUnknown && !node.Fields.IsEmpty) || node.Fields.Any(IsDirective))
        {
            json["x-kubernetes-preserve-unknown-fields"] = true;
        }

        AddRules(json, node.Rules);
    }

    /// <summary>
    /// A property of such a name cannot stand in a definition: kubectl and Helm upgrade one by a strategic merge patch, in which it would be
    /// an order to the server. The server keeps what it does not know there, and the operator checks it.
    /// </summary>
    private static bool IsDirective(SchemaField field) => field.Name.StartsWith('$');

    private static void AddText(JsonObject json, SchemaNode.Text node)
    {
        json["type"] = "string";
        if (node.ServerFormat is { } format)
        {
            json["format"] = format;
        }
        else
        {
            json["maxLength"] = node.LengthMax;
        }

        if (node.Pattern is { } pattern)
        {
            json["pattern"] = pattern;
        }

        AddRules(json, node.Rules);
    }

    private static void AddWhole(JsonObject json, SchemaNode.Whole node)
    {
        json["type"] = "integer";
        json["format"] = "int64";
        json["minimum"] = node.Minimum;
        if (node.Maximum < long.MaxValue)
        {
            json["maximum"] = node.Maximum;
        }
    }

    private static void AddList(JsonObject json, SchemaNode.List node)
    {
        json["type"] = "array";
        json["maxItems"] = node.CountMax;
        json["items"] = From(node.Items);
        if (node.Key is { } key)
        {
            json["x-kubernetes-list-type"] = "map";
            json["x-kubernetes-list-map-keys"] = Array([key]);
        }
    }

    private static void AddRules(JsonObject json, IReadOnlyCollection<CrossFieldRule> rules)
    {
        if (rules.Count > 0)
        {
            json["x-kubernetes-validations"] = new JsonArray([.. rules.Select(r => new JsonObject { ["rule"] = r.Cel, ["message"] = r.Message })]);
        }
    }

    private static JsonArray Array(IEnumerable<string> names) => new([.. names.Select(n => JsonValue.Create(n))]);
}
