using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Apply;

/// <summary>An annotation on each child that says which manifest was applied last, so that an operator that starts need not apply it again to be sure.</summary>
internal static class AppliedMark
{
    /// <summary>Its name; the value is the start of the digest of the manifest without it.</summary>
    public const string Annotation = "inferenceoperator.io/applied";

    private const int Length = 16;

    /// <summary>Whether this manifest was the last to be applied to the object. Says nothing of what others changed since.</summary>
    public static bool IsOn(JsonObject live, string digest) =>
        live["metadata"]?["annotations"] is JsonObject annotations && (string?)annotations[Annotation] == digest[..Length];

    /// <summary>The manifest with the mark.</summary>
    public static JsonObject Put(JsonObject manifest, string digest)
    {
        var marked = (JsonObject)manifest.DeepClone();
        var metadata = marked["metadata"]!.AsObject(); // Manifests have names.
        if (metadata["annotations"] is not JsonObject annotations)
        {
            metadata["annotations"] = annotations = [];
        }

        annotations[Annotation] = digest[..Length];
        return marked;
    }
}
