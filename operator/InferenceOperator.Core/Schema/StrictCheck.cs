using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>Checks a JSON tree against the schema and collects every error, at most <see cref="ErrorsMax"/>.</summary>
internal sealed class StrictCheck
{
    /// <summary>Errors that are collected; a manifest with more is wrong enough.</summary>
    public const int ErrorsMax = 50;

    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> Errors => _errors;

    /// <summary>Checks one value; types, bounds, texts, unknown and missing fields.</summary>
    public void Check(SchemaNode schema, JsonNode? value, string path)
    {
        if (value is null)
        {
            Require(schema.Default is not null, path, "must not be null: leave the field out instead");
            return;
        }

        switch (schema)
        {
            case SchemaNode.Object node:
                CheckObject(node, value, path);
                break;
            case SchemaNode.Text node:
                CheckText(node, value, path);
                break;
            case SchemaNode.Choice node:
                CheckChoice(node, value, path);
                break;
            case SchemaNode.Whole node:
                CheckWhole(node, value, path);
                break;
            case SchemaNode.Flag:
                Require(value.GetValueKind() is JsonValueKind.True or JsonValueKind.False, path, $"must be true or false, not {Kind(value)}");
                break;
            case SchemaNode.List node:
                CheckList(node, value, path);
                break;
            case SchemaNode.Map node:
                CheckMap(node, value, path);
                break;
            case SchemaNode.Amount:
                CheckAmount(value, path);
                break;
            case SchemaNode.Step:
                CheckStep(value, path);
                break;
            case SchemaNode.Anything:
                Require(value is JsonObject, path, $"must be an object, not {Kind(value)}");
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>Checks the rules over several fields; to be called when <see cref="Check"/> found nothing and defaults are filled in.</summary>
    public void CheckRules(SchemaNode schema, JsonNode? value, string path)
    {
        var rules = schema switch
        {
            SchemaNode.Object node => node.Rules,
            SchemaNode.Text node => node.Rules,
            _ => [],
        };
        if (value is null)
        {
            return;
        }

        foreach (var rule in rules)
        {
            Require(rule.Holds(value), rule.Field.Length == 0 ? path : Join(path, rule.Field), rule.Message);
        }

        if (schema is SchemaNode.Object parent)
        {
            foreach (var field in parent.Fields)
            {
                CheckRules(field.Node, value[field.Name], Join(path, field.Name));
            }
        }
        else if (schema is SchemaNode.List list)
        {
            foreach (var (i, item) in value.AsArray().Index())
            {
                CheckRules(list.Items, item, $"{path}[{i}]");
            }
        }
    }

    private void CheckObject(SchemaNode.Object schema, JsonNode value, string path)
    {
        if (value is not JsonObject fields)
        {
            Add(path, $"must be an object, not {Kind(value)}");
            return;
        }

        foreach (var (name, child) in fields)
        {
            var known = schema.Fields.FirstOrDefault(f => f.Name == name);
            if (known is not null)
            {
                Check(known.Node, child, Join(path, name));
            }
            else if (!schema.PreservesUnknown)
            {
                Add(Join(path, name), $"unknown field{Spelling.DidYouMean(name, schema.Fields.Select(f => f.Name))}");
            }
            else if (Spelling.Nearest(name, schema.Fields.Select(f => f.Name)) is { } meant && !fields.ContainsKey(meant))
            {
                Add(Join(path, name), $"unknown field; did you mean '{meant}'?");
            }
        }

        foreach (var field in schema.Fields.Where(f => f.Required && !fields.ContainsKey(f.Name)))
        {
            Add(Join(path, field.Name), "is required");
        }
    }

    private void CheckText(SchemaNode.Text schema, JsonNode value, string path)
    {
        if (value.GetValueKind() != JsonValueKind.String)
        {
            var hint = schema.Format == TextFormat.Duration ? "a duration in quotes, such as \"50ms\"" : "text in quotes";
            Add(path, $"must be {hint}, not {Kind(value)}");
            return;
        }

        var text = value.GetValue<string>();
        if (text.Length > schema.LengthMax)
        {
            Add(path, $"is longer than {schema.LengthMax} characters");
        }
        else if (TextFormats.Complaint(schema.Format, text) is { } complaint)
        {
            Add(path, complaint);
        }
        else if (schema.Pattern is { } pattern)
        {
            Require(Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking), path, $"'{text}' does not match {pattern}");
        }
    }

    private void CheckChoice(SchemaNode.Choice schema, JsonNode value, string path)
    {
        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
        if (value.GetValueKind() != JsonValueKind.String || !schema.Names.Contains(text))
        {
            Add(path, $"'{text}' is not one of {string.Join(", ", schema.Names)}{Spelling.DidYouMean(text, schema.Names)}");
        }
    }

    private void CheckWhole(SchemaNode.Whole schema, JsonNode value, string path)
    {
        if (value.GetValueKind() != JsonValueKind.Number || !decimal.TryParse(value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) || number != decimal.Truncate(number))
        {
            Add(path, $"must be a whole number, not {Kind(value)}");
            return;
        }

        Require(number >= schema.Minimum, path, $"{number} is below {schema.Minimum}, the least");
        Require(number <= schema.Maximum, path, $"{number} is above {schema.Maximum}, the most");
    }

    private void CheckList(SchemaNode.List schema, JsonNode value, string path)
    {
        if (value is not JsonArray items)
        {
            Add(path, $"must be a list, not {Kind(value)}");
            return;
        }

        Require(items.Count <= schema.CountMax, path, $"has {items.Count} items, at most {schema.CountMax} are allowed");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count && i < schema.CountMax; i++)
        {
            var at = $"{path}[{i}]";
            Check(schema.Items, items[i], at);
            if (schema.Key is { } key && (items[i] as JsonObject)?[key] is JsonValue named && named.TryGetValue<string>(out var name))
            {
                Require(keys.Add(name), Join(at, key), $"'{name}' stands twice");
            }
        }
    }

    private void CheckMap(SchemaNode.Map schema, JsonNode value, string path)
    {
        if (value is not JsonObject entries)
        {
            Add(path, $"must be an object of names and values, not {Kind(value)}");
            return;
        }

        Require(entries.Count <= schema.CountMax, path, $"has {entries.Count} entries, at most {schema.CountMax} are allowed");
        foreach (var (name, child) in entries.Take(schema.CountMax))
        {
            Check(schema.Values, child, $"{path}[{name}]");
        }
    }

    private void CheckAmount(JsonNode value, string path)
    {
        var text = value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => value.ToJsonString(),
            _ => "",
        };
        if (!Quantity.TryParse(text, out var quantity))
        {
            Add(path, $"'{value.ToJsonString().Trim('"')}' is not a quantity: write 2, 500m, 256Mi or 1.5G");
        }
        else
        {
            Require(quantity.Value >= 0, path, $"'{text}' is negative");
        }
    }

    private void CheckStep(JsonNode value, string path)
    {
        var isNumber = value.GetValueKind() == JsonValueKind.Number;
        var text = isNumber ? value.ToJsonString() : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
        Require(
            StepLimit.TryParse(text, out var limit) && limit.IsPercent == !isNumber, path,
            $"'{value.ToJsonString().Trim('"')}' is not a step: write a number of replicas from 1 to {StepLimit.ReplicasMax}, or a share from \"1%\" to \"{StepLimit.PercentMax}%\"");
    }

    private void Require(bool holds, string path, string message)
    {
        if (!holds)
        {
            Add(path, message);
        }
    }

    private void Add(string path, string message)
    {
        if (_errors.Count < ErrorsMax)
        {
            _errors.Add(new(path.Length == 0 ? "(manifest)" : path, message));
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Kind(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"the text '{value.GetValue<string>()}'",
        _ => value.ToJsonString(),
    };
}
