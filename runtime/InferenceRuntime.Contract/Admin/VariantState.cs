namespace InferenceRuntime.Contract;

/// <summary>What a replica says of one variant of its model.</summary>
public sealed record VariantState
{
    /// <summary><c>full</c>, or as given by <c>--variant</c>.</summary>
    public required string Name { get; init; }

    /// <summary>As <see cref="ReplicaState.Provider"/>.</summary>
    public required string Provider { get; init; }

    /// <summary>As <see cref="ReplicaState.AcceleratedTimeShare"/>.</summary>
    public double? AcceleratedTimeShare { get; init; }

    /// <summary>As <see cref="ReplicaState.AcceleratedNodeShare"/>.</summary>
    public double? AcceleratedNodeShare { get; init; }
}
