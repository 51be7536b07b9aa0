using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Children;

/// <summary>Labels and annotations on the children.</summary>
internal static class ChildLabels
{
    /// <summary>Label with <see cref="ChildNames.Base"/>; with <see cref="Name"/> it selects the pods of one agent.</summary>
    public const string Agent = "inferenceoperator.io/agent";

    /// <summary>Annotation with the first digits of the admin token's SHA-256: pods are replaced when the token is another.</summary>
    public const string AdminTokenDigest = "inferenceoperator.io/admin-token-digest";

    /// <summary>Annotations of a Deployment: by which revision of the rendering, with which image, and of which inputs its pods are.</summary>
    public const string Rendering = "inferenceoperator.io/rendering";
    public const string RuntimeImage = "inferenceoperator.io/runtime-image";
    public const string Inputs = "inferenceoperator.io/inputs";

    /// <summary>Annotation of a Deployment: the generation of the agent that it was last made to follow.</summary>
    public const string Generation = "inferenceoperator.io/agent-generation";

    public const string Name = "app.kubernetes.io/name";
    public const string NameValue = "inference-runtime";
    public const string ManagedBy = "app.kubernetes.io/managed-by";
    public const string ManagedByValue = "inference-operator";

    /// <summary>Selects every child of every agent; what the operator watches.</summary>
    public const string AllChildren = ManagedBy + "=" + ManagedByValue;

    /// <summary>Selects the pods of one agent, as text.</summary>
    public static string Selector(ChildNames names) => $"{Name}={NameValue},{Agent}={names.Base}";

    /// <summary>Selects the pods of one agent, as the map that Deployment and Service take. It can never change.</summary>
    public static JsonObject PodSelector(ChildNames names) => new() { [Name] = NameValue, [Agent] = names.Base };

    /// <summary>The same, or the labels of pods, narrowed to one side of a roll-out; null: the first, whose pods carry no such label.</summary>
    public static JsonObject OfSide(JsonObject labels, string? side)
    {
        if (side is not null)
        {
            labels[RevisionSlot.SideLabel] = side;
        }

        return labels;
    }

    /// <summary>The labels on every child and on the pods.</summary>
    public static JsonObject Of(ChildNames names) => new()
    {
        [Name] = NameValue,
        ["app.kubernetes.io/instance"] = names.Base,
        [ManagedBy] = ManagedByValue,
        [Agent] = names.Base,
    };
}
