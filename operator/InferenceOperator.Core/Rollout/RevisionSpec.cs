using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Rollout;

/// <summary>What the pods of a revision are made from, so that they can be made again after the manifest has gone on.</summary>
/// <remarks>
/// Its name rests on what pods cannot change while they run: model, files of variants, level, GPUs, parallelism, template. A field that is
/// added later must not be in it while it is not set, so that no pod is exchanged for its sake; a golden name guards that. The image is no part of it: a Deployment remembers its own.
/// </remarks>
public sealed class RevisionSpec
{
    private readonly AgentSpec _spec;

    private RevisionSpec(AgentSpec spec) => (_spec, Name) = (spec, RevisionName.Of(Canonical(spec)));

    public RevisionName Name { get; }

    /// <summary>The revision that a manifest asks for.</summary>
    /// <param name="spec">The manifest.</param>
    public static RevisionSpec Of(AgentSpec spec) => new(new()
    {
        Model = spec.Model,
        Variants = spec.Variants,
        Quantization = new() { Level = spec.Quantization.Level },
        Gpu = spec.Gpu,
        Parallelism = spec.Parallelism,
        Template = spec.Template,

        // No part of the name: names of inputs, which another model may call otherwise.
        Batching = new() { Buckets = spec.Batching.Buckets, Pad = spec.Batching.Pad },
    });

    /// <summary>Reads what <see cref="ToText"/> wrote; null: it did not write this.</summary>
    public static RevisionSpec? TryParse(string? text)
    {
        try
        {
            return text is not null && JsonSerializer.Deserialize(text, AgentJson.Default.AgentSpec) is { } spec ? new(spec) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A manifest in which all that makes a pod is this revision's, and all else the manifest's.</summary>
    public AgentSpec On(AgentSpec current) => current with
    {
        Model = _spec.Model,
        Variants = _spec.Variants,
        Quantization = current.Quantization with { Level = _spec.Quantization.Level },
        Gpu = _spec.Gpu,
        Parallelism = _spec.Parallelism,
        Template = _spec.Template,
        Batching = current.Batching with { Buckets = _spec.Batching.Buckets, Pad = _spec.Batching.Pad },
    };

    /// <summary>The revision as text, to be kept beside its pods.</summary>
    public string ToText() => JsonSerializer.Serialize(_spec, AgentJson.Default.AgentSpec);

    private static string Canonical(AgentSpec spec)
    {
        var whole = JsonSerializer.SerializeToNode(spec, AgentJson.Default.AgentSpec)!.AsObject(); // A record is an object.
        var variants = whole["variants"] as JsonArray ?? [];
        foreach (var variant in variants.OfType<JsonObject>())
        {
            foreach (var moved in (string[])["share", "use", "accuracy"])
            {
                variant.Remove(moved);
            }
        }

        return Sorted(new JsonObject
        {
            ["model"] = whole["model"]?.DeepClone(),
            ["variants"] = variants.Count > 0 ? variants.DeepClone() : null,
            ["level"] = spec.Quantization.Level.ToString(),
            ["gpu"] = spec.Gpu.Count > 0 ? whole["gpu"]?.DeepClone() : null,
            ["parallelism"] = whole["parallelism"]?.DeepClone(),
            ["template"] = spec.Template is { Count: > 0 } ? whole["template"]?.DeepClone() : null,
        })!.ToJsonString(); // It is not null.
    }

    // Neither the order in which somebody wrote the fields of a template nor how a quantity is written makes another pod.
    private static JsonNode? Sorted(JsonNode? node, bool holdsQuantities = false) => node switch
    {
        JsonObject fields => new JsonObject(fields.Where(static f => f.Value is not null).OrderBy(static f => f.Key, StringComparer.Ordinal)
            .Select(f => KeyValuePair.Create(f.Key, Sorted(f.Value, holdsQuantities || f.Key is "limits" or "requests")))),
        JsonArray items => new JsonArray([.. items.Select(static item => Sorted(item))]),
        JsonValue value when holdsQuantities && Quantity.TryParse(value.ToString(), out var quantity) => JsonValue.Create(quantity.Value.ToString("0.#########", CultureInfo.InvariantCulture)),
        _ => node?.DeepClone(),
    };
}
