namespace InferenceRuntime.Fetching.Store;

/// <summary>A store of models, and what it may hold.</summary>
internal sealed record StoreOptions
{
    /// <summary>Its folder; several processes on several machines may have it at once.</summary>
    public required string Folder { get; init; }

    /// <summary>Tells this process from all others that write to the store at the same time; a file name.</summary>
    public required string Writer { get; init; }

    /// <summary>Bytes that all models in it may take together; null: as many as fit.</summary>
    public long? BytesMax { get; init; }

    /// <summary>Time since a model was last asked for after which it may be removed when room is needed; null: none is removed.</summary>
    public TimeSpan? EvictAfter { get; init; }
}
