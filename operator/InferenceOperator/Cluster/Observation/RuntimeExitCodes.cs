namespace InferenceOperator.Cluster.Observation;

/// <summary>Exit codes by which <c>inference-runtime</c> says why it ended.</summary>
internal static class RuntimeExitCodes
{
    /// <summary>The model is not served: no such file, damaged, another SHA-256, operators that ONNX Runtime lacks. The termination message says which.</summary>
    public const int ModelRejected = 3;
}
