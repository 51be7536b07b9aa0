namespace InferenceRuntime.Onnx;

/// <summary>What a model file may ask for at most.</summary>
/// <param name="OperatorSetMax">Highest version of the default operator set (<c>ai.onnx</c>) that the runtime in use knows.</param>
/// <param name="NestingMax">Most subgraphs and messages within each other.</param>
public sealed record OnnxLimits(long OperatorSetMax, int NestingMax = 200)
{
    /// <summary>Largest file, bytes: what one protobuf message, and one array, can hold. Larger models keep their weights in external data.</summary>
    public const long FileBytesMax = 0x7FFF_FFC7;
}
