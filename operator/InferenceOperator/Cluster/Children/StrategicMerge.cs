using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Children;

/// <summary>Merges a piece of a pod into another as Kubernetes' strategic merge patch does: objects field by field, keyed lists entry by entry, all else replaced.</summary>
/// <remarks>
/// Pure; neither argument is changed. A null in the patch takes the field away. <c>$patch: delete</c> takes an entry of a keyed list or
/// the content of an object away, <c>$patch: replace</c> puts the patch in the place of what was there; as an entry of its own in
/// a list it means the whole list. Beyond Kubernetes, a variable's new source and a volume's new kind replace the old one, for
/// which nobody can have a use together.
/// </remarks>
internal static class StrategicMerge
{
    private const string Directive = "$patch";
    private const string Delete = "delete";
    private const string Replace = "replace";

    /// <summary>Lists of a pod whose entries have names. Lists that are not here are replaced whole, such as tolerations.</summary>
    private static readonly FrozenDictionary<string, string> KeyOf = new Dictionary<string, string>
    {
        ["containers"] = "name",
        ["initContainers"] = "name",
        ["env"] = "name",
        ["volumes"] = "name",
        ["volumeMounts"] = "mountPath",
        ["volumeDevices"] = "devicePath",
        ["imagePullSecrets"] = "name",
        ["hostAliases"] = "ip",
        ["topologySpreadConstraints"] = "topologyKey",
        ["ports"] = "containerPort",
        ["resourceClaims"] = "name",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static JsonObject Objects(JsonObject target, JsonObject patch)
    {
        switch (DirectiveOf(patch))
        {
            case Delete:
                return [];
            case Replace:
                return Bare(patch);
        }

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
            if (name != Directive && !target.ContainsKey(name) && value is not null)
            {
                merged[name] = Values(name, null, value);
            }
        }

        return merged;
    }

    private static JsonNode Values(string name, JsonNode? value, JsonNode patch) => (value, patch) switch
    {
        (JsonObject or null, JsonObject change) => Objects(value as JsonObject ?? [], change),
        (JsonArray or null, JsonArray change) when KeyOf.TryGetValue(name, out var key) => Lists(name, key, value as JsonArray ?? [], change),
        _ => patch.DeepClone(),
    };

    private static JsonArray Lists(string name, string key, JsonArray target, JsonArray patch)
    {
        var left = patch.Where(static entry => !IsBareDirective(entry)).ToList();
        var merged = new JsonArray();
        foreach (var entry in patch.Any(static entry => IsBareDirective(entry) && DirectiveOf(entry) is Replace or Delete) ? [] : target)
        {
            var change = left.Find(candidate => Key(candidate, key) is { } k && k == Key(entry, key));
            left.Remove(change);
            if (change is null || DirectiveOf(change) != Delete)
            {
                merged.Add((entry, change) is (JsonObject old, JsonObject changed) ? Entries(name, old, changed) : entry?.DeepClone());
            }
        }

        foreach (var entry in left.Where(static entry => DirectiveOf(entry) != Delete))
        {
            merged.Add(entry is JsonObject fields ? Objects([], fields) : entry?.DeepClone());
        }

        return merged;
    }

    private static JsonObject Entries(string list, JsonObject old, JsonObject changed) =>
        (list == "env" && (changed.ContainsKey("value") || changed.ContainsKey("valueFrom")))
        || (list == "volumes" && changed.Any(field => field.Key != Directive && !old.ContainsKey(field.Key)))
            ? Bare(changed)
            : Objects(old, changed);

    /// <summary>The patch without its directive, and without the fields that it takes away.</summary>
    private static JsonObject Bare(JsonObject patch)
    {
        var rest = (JsonObject)patch.DeepClone();
        rest.Remove(Directive);
        return Objects([], rest);
    }

    /// <summary>True of an entry that says nothing but what becomes of its list.</summary>
    private static bool IsBareDirective(JsonNode? entry) => entry is JsonObject { Count: 1 } fields && fields.ContainsKey(Directive);

    private static string? DirectiveOf(JsonNode? entry) => (entry as JsonObject)?[Directive]?.ToString();

    private static string? Key(JsonNode? entry, string key) => (entry as JsonObject)?[key]?.ToString();
}
