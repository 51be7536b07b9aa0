using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace InferenceOperator.Manifests;

/// <summary>One document of a YAML text.</summary>
/// <param name="Content">Its content as JSON; null for an empty document.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Lines">The line of each field by its path (<c>spec.model.uri</c>, <c>spec.list[0]</c>).</param>
internal sealed record YamlDocument(JsonNode? Content, int Line, ImmutableDictionary<string, int> Lines)
{
    /// <summary>The line of a field, or of the nearest one around it.</summary>
    /// <param name="path">The field's path.</param>
    public int LineOf(string path)
    {
        while (path.Length > 0)
        {
            if (Lines.TryGetValue(path, out var line))
            {
                return line;
            }

            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        }

        return Line;
    }
}
