namespace InferenceOperator.Kubernetes;

/// <summary>What happens to the objects that a deleted object owns.</summary>
public enum DeletionPropagation
{
    /// <summary>The object goes at once; what it owns is collected afterwards.</summary>
    Background,

    /// <summary>The object stays, marked as being deleted, until what it owns is gone.</summary>
    Foreground,

    /// <summary>What it owned stays.</summary>
    Orphan,
}
