namespace InferenceOperator.Kubernetes;

/// <summary>How to delete, and on what condition.</summary>
public sealed record DeleteOptions
{
    public static DeleteOptions Default { get; } = new();

    /// <summary>What happens to the objects that this one owns. Default: in the background.</summary>
    public DeletionPropagation Propagation { get; init; } = DeletionPropagation.Background;

    /// <summary>Delete only the object with this uid; empty for any.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Delete only this state of the object; empty for any.</summary>
    public string ResourceVersion { get; init; } = "";
}
