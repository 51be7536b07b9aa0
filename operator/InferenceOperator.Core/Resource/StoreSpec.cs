namespace InferenceOperator.Core.Resource;

/// <summary>Where models that are fetched are kept.</summary>
public sealed record StoreSpec
{
    /// <summary>PersistentVolumeClaim that the replicas share; null: each pod fetches for itself, into storage that ends with it.</summary>
    public string? ClaimName { get; init; }

    /// <summary>Most that all models there take, in the form <c>64Gi</c>; also the most of a single one.</summary>
    public string Size { get; init; } = "64Gi";

    /// <summary>Days without a pod that asked for it after which a model is removed when room is needed; null: none is.</summary>
    public int? RemoveUnusedAfterDays { get; init; }
}
