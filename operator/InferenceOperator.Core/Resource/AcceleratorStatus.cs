namespace InferenceOperator.Core.Resource;

/// <summary>On what the model really runs, as the replicas say.</summary>
public sealed record AcceleratorStatus
{
    /// <summary>The processor: <c>CPU</c>, or ONNX Runtime's name of the execution provider without its ending, such as <c>CUDA</c> or <c>TensorRT</c>.</summary>
    public string Provider { get => field ?? ""; init; } = "";

    /// <summary>Share of the model's time on an accelerator, percent; null: the replicas do not say.</summary>
    public string? OnAccelerator { get; init; }
}
