using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Children;

/// <summary>Merges a piece of a pod into another as Kubernetes' strategic merge does: objects field by field, keyed lists entry by entry, all else replaced.</summary>
/// <remarks>Pure; neither argument is changed. A null in the patch takes the field away.</remarks>
internal static class StrategicMerge
{
    /// <summary>Lists of a pod whose entries have names. Lists that are not here are replaced whole, such as tolerations.</summary>
    private static readonly FrozenDictionary<string, string> KeyOf = new Dictionary<string, string>
    {
        ["containers"] = "name",
        ["initContainers"] = "name",
        ["env"] = "name",
        ["volumes"] = "name",
        ["volumeMounts"] = "mountPath",
        ["imagePullSecrets"] = "name",
        ["hostAliases"] = "ip",
        ["topologySpreadConstraints"] = "topologyKey",
        ["ports"] = "containerPort",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static JsonObject Objects(JsonObject target, JsonObject patch)
    {
        var merged = new JsonObject();
        foreach (var (name, value) in target)
        {
            if (!patch.ContainsKey(name))
            {
                merged[name] = value?.DeepClone();
            }
            else if (patch[name] is { } changed)
            {
                merged[name] = Values(name, value, changed);
            }
        }

        foreach (var (name, value) in patch)
        {
            if (!target.ContainsKey(name) && value is not null)
            {
                merged[name] = value.DeepClone();
            }
        }

        return merged;
    }

    private static JsonNode Values(string name, JsonNode? value, JsonNode patch) => (value, patch) switch
    {
        (JsonObject target, JsonObject change) => Objects(target, change),
        (JsonArray target, JsonArray change) when KeyOf.TryGetValue(name, out var key) => Lists(key, target, change),
        _ => patch.DeepClone(),
    };

    private static JsonArray Lists(string key, JsonArray target, JsonArray patch)
    {
        var merged = new JsonArray();
        var left = patch.ToList();
        foreach (var entry in target)
        {
            var change = left.Find(candidate => Key(candidate, key) is { } k && k == Key(entry, key));
            left.Remove(change);
            merged.Add((entry, change) is (JsonObject old, JsonObject changed) ? Entries(key, old, changed) : entry?.DeepClone());
        }

        foreach (var entry in left)
        {
            merged.Add(entry?.DeepClone());
        }

        return merged;
    }

    /// <summary>An environment variable is one thing: a new source replaces a value and the other way round. Every other entry is merged.</summary>
    private static JsonObject Entries(string key, JsonObject old, JsonObject changed) =>
        key == "name" && (changed.ContainsKey("value") || changed.ContainsKey("valueFrom"))
            ? (JsonObject)changed.DeepClone()
            : Objects(old, changed);

    private static string? Key(JsonNode? entry, string key) => (entry as JsonObject)?[key]?.ToString();
}
