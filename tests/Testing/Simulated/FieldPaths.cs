using System.Text.Json.Nodes;

namespace InferenceOperator.Testing.Simulated;

/// <summary>The fields of an object as paths, for telling who owns which. A list is one field, whole.</summary>
/// <remarks>The real server knows the entries of some lists apart; nobody here owns a part of a list.</remarks>
internal static class FieldPaths
{
    private const char Parting = '\u001f';

    /// <summary>What the server writes, or what names the object: owned by nobody.</summary>
    private static readonly string[] Unowned = ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields"];

    /// <summary>The fields of a manifest with their values.</summary>
    public static Dictionary<string, JsonNode?> Of(JsonObject manifest)
    {
        var found = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (name, value) in manifest)
        {
            if (name is "apiVersion" or "kind")
            {
                continue;
            }

            if (name == "metadata")
            {
                foreach (var (field, content) in (JsonObject)value!) // Each manifest has one.
                {
                    if (!Unowned.Contains(field, StringComparer.Ordinal))
                    {
                        Collect($"metadata{Parting}{field}", content, found);
                    }
                }
            }
            else
            {
                Collect(name, value, found);
            }
        }

        return found;
    }

    public static JsonNode? Find(JsonObject value, string path)
    {
        JsonNode? node = value;
        foreach (var name in path.Split(Parting))
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    public static void Set(JsonObject value, string path, JsonNode? content)
    {
        var names = path.Split(Parting);
        var at = value;
        foreach (var name in names[..^1])
        {
            if (at[name] is not JsonObject inner)
            {
                at[name] = inner = [];
            }

            at = inner;
        }

        // An empty object asks for nothing within it.
        if (content is JsonObject { Count: 0 } && at[names[^1]] is JsonObject)
        {
            return;
        }

        at[names[^1]] = content?.DeepClone();
    }

    /// <summary>Removes the field, and what is empty without it.</summary>
    public static void Remove(JsonObject value, string path)
    {
        var names = path.Split(Parting);
        var line = new List<JsonObject> { value };
        foreach (var name in names[..^1])
        {
            if (line[^1][name] is not JsonObject inner)
            {
                return;
            }

            line.Add(inner);
        }

        for (var i = names.Length - 1; i >= 0; i--)
        {
            line[i].Remove(names[i]);
            if (line[i].Count > 0 || i <= 1)
            {
                return;
            }
        }
    }

    /// <summary>As the API server writes it: <c>.spec.replicas</c>.</summary>
    public static string Text(string path) => "." + path.Replace(Parting, '.');

    private static void Collect(string path, JsonNode? value, Dictionary<string, JsonNode?> found)
    {
        if (value is JsonObject { Count: > 0 } inner)
        {
            foreach (var (name, content) in inner)
            {
                Collect($"{path}{Parting}{name}", content, found);
            }
        }
        else
        {
            found[path] = value;
        }
    }
}
