namespace InferenceRuntime.Contract;

/// <summary>What a replica says of itself: <c>GET /v1/state</c> on the admin port.</summary>
public sealed record ReplicaState
{
    /// <summary>Name the model is served under.</summary>
    public required string Model { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of the model file.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>True from the end of warm-up until draining begins.</summary>
    public required bool Ready { get; init; }

    /// <summary>True when requests of several clients run together; false when the model's batch axis is fixed.</summary>
    public required bool Batched { get; init; }

    /// <summary>ONNX Runtime's name of the execution provider, for example <c>CPUExecutionProvider</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Share of the model's time on an accelerator, 0 to 1, as its warm-up showed; null: it could not be measured, or the replica does not say.</summary>
    public double? AcceleratedTimeShare { get; init; }

    /// <summary>Share of the model's nodes there, 0 to 1; null likewise.</summary>
    public double? AcceleratedNodeShare { get; init; }

    /// <summary>The variants of a model that has several, the full one first, of which the three members above tell; null where it has one form.</summary>
    public IReadOnlyList<VariantState>? Variants { get; init; }

    /// <summary>Threads that one execution uses.</summary>
    public required int Threads { get; init; }

    /// <summary>Seconds from process start to ready: load and warm-up.</summary>
    public required double StartUpSeconds { get; init; }

    /// <summary>The settings in force.</summary>
    public required RuntimeSettings Settings { get; init; }

    /// <summary>
    /// Every model with a version that answers, of a replica that serves a repository: the members above then tell of the first, and are
    /// empty while there is none. Null where one model is served.
    /// </summary>
    public IReadOnlyList<ServedModelState>? Models { get; init; }
}
