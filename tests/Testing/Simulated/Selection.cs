using System.Text.Json.Nodes;

namespace InferenceOperator.Testing.Simulated;

/// <summary>Which objects a list or watch is about: a namespace, labels that are equal, fields that are equal or not.</summary>
internal sealed class Selection
{
    private readonly string _namespace;
    private readonly (string Label, string Value)[] _labels;
    private readonly (string[] Path, string Value, bool Equal)[] _fields;

    /// <param name="ns">The namespace; empty: all.</param>
    /// <param name="labels">Such as <c>a=b,c=d</c>, or a label alone that must be there.</param>
    /// <param name="fields">Such as <c>metadata.name=x,status.phase!=Failed</c>.</param>
    public Selection(string ns, string labels, string fields)
    {
        _namespace = ns;
        _labels = [.. Parts(labels).Select(static part => part.Split('=', 2)).Select(static pair => (pair[0], pair.Length > 1 ? pair[1] : ""))];
        _fields =
        [
            .. Parts(fields).Select(static part =>
            {
                var unequal = part.Contains("!=", StringComparison.Ordinal);
                var pair = part.Split(unequal ? "!=" : "=", 2);
                return (pair[0].Split('.'), pair[1], !unequal);
            }),
        ];
    }

    public bool Has(JsonObject? value)
    {
        if (value?["metadata"] is not JsonObject metadata || (_namespace.Length > 0 && (string?)metadata["namespace"] != _namespace))
        {
            return false;
        }

        foreach (var (label, wanted) in _labels)
        {
            if ((string?)(metadata["labels"] as JsonObject)?[label] is not { } found || (wanted.Length > 0 && found != wanted))
            {
                return false;
            }
        }

        foreach (var (path, wanted, equal) in _fields)
        {
            JsonNode? node = value;
            foreach (var name in path)
            {
                node = (node as JsonObject)?[name];
            }

            if (((string?)node == wanted) != equal)
            {
                return false;
            }
        }

        return true;
    }

    private static string[] Parts(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
