using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InferenceOperator.Core.Schema;

/// <summary>Writes a JSON tree as YAML in block style, fields in their order; every text that YAML could read as something else is quoted.</summary>
internal static class YamlWriter
{
    /// <summary>Ends with a line feed.</summary>
    public static string Write(JsonNode root)
    {
        var text = new StringBuilder();
        Write(text, root, 0, startsLine: true);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int indent, bool startsLine)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } fields:
                foreach (var (name, value) in fields)
                {
                    Pad(text, indent, startsLine);
                    startsLine = true;
                    text.Append(Scalar(name)).Append(':');
                    WriteValue(text, value, indent);
                }

                break;
            case JsonArray { Count: > 0 } items:
                foreach (var item in items)
                {
                    Pad(text, indent, startsLine);
                    startsLine = true;
                    text.Append("- ");
                    Write(text, item, indent + 2, startsLine: false);
                }

                break;
            default:
                Pad(text, indent, startsLine);
                text.Append(Inline(node)).Append('\n');
                break;
        }
    }

    private static void WriteValue(StringBuilder text, JsonNode? value, int indent)
    {
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            text.Append('\n');
            Write(text, value, value is JsonArray ? indent : indent + 2, startsLine: true);
        }
        else
        {
            text.Append(' ').Append(Inline(value)).Append('\n');
        }
    }

    private static string Inline(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ when node.GetValueKind() == JsonValueKind.String => Scalar(node.GetValue<string>()),
        _ => node.ToJsonString(),
    };

    private static string Scalar(string text)
    {
        var plain = text.Length > 0
            && char.IsAsciiLetter(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ' ' or '(' or ')')
            && !text.EndsWith(' ')
            && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
        return plain ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    private static void Pad(StringBuilder text, int indent, bool startsLine) => text.Append(' ', startsLine ? indent : 0);
}
