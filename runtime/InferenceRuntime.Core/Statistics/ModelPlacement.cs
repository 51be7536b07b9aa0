namespace InferenceRuntime.Core.Statistics;

/// <summary>On what a model really runs, as its warm-up showed.</summary>
/// <param name="Provider">ONNX Runtime's name of the execution provider that it was given to, for example <c>CUDAExecutionProvider</c>.</param>
/// <param name="NodeShare">Share of its nodes on the accelerator, 0 to 1; null: it could not be measured.</param>
/// <param name="TimeShare">Share of its time there, 0 to 1; null: it could not be measured.</param>
public sealed record ModelPlacement(string Provider, double? NodeShare, double? TimeShare)
{
    /// <summary>A model that was given to the processor: nothing of it runs elsewhere.</summary>
    public static ModelPlacement OnCpu { get; } = new("CPUExecutionProvider", 0, 0);
}
