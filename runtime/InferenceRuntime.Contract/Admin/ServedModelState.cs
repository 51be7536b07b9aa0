namespace InferenceRuntime.Contract;

/// <summary>What a replica that serves a repository says of each of its models.</summary>
public sealed record ServedModelState
{
    /// <summary>Name the model is served under.</summary>
    public required string Model { get; init; }

    /// <summary>The version that answers when none is asked for.</summary>
    public required string Version { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of its file.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>As <see cref="ReplicaState.Batched"/>.</summary>
    public required bool Batched { get; init; }

    /// <summary>As <see cref="ReplicaState.Provider"/>.</summary>
    public required string Provider { get; init; }

    /// <summary>As <see cref="ReplicaState.AcceleratedTimeShare"/>.</summary>
    public double? AcceleratedTimeShare { get; init; }

    /// <summary>As <see cref="ReplicaState.AcceleratedNodeShare"/>.</summary>
    public double? AcceleratedNodeShare { get; init; }

    /// <summary>As <see cref="ReplicaState.Threads"/>.</summary>
    public required int Threads { get; init; }
}
