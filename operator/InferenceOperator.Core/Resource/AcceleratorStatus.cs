using System.Collections.Immutable;

namespace InferenceOperator.Core.Resource;

/// <summary>On what the model really runs, as the replicas say.</summary>
public sealed record AcceleratorStatus
{
    /// <summary>The processor: <c>CPU</c>, or ONNX Runtime's name of the execution provider without its ending, such as <c>CUDA</c> or <c>TensorRT</c>.</summary>
    public string Provider { get => field ?? ""; init; } = "";

    /// <summary>Share of the model's time on an accelerator, percent, the least of the replicas'; null: the replicas do not say.</summary>
    public string? OnAccelerator { get; init; }

    /// <summary>The same of each variant; null: the model has one form.</summary>
    public ImmutableArray<VariantAccelerator>? Variants { get; init; }

    /// <inheritdoc/>
    public bool Equals(AcceleratorStatus? other) => other is not null && Provider == other.Provider && OnAccelerator == other.OnAccelerator
        && (Variants ?? []).SequenceEqual(other.Variants ?? []);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Provider, OnAccelerator, Variants?.Length);
}
