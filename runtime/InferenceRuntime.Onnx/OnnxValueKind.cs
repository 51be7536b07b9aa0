namespace InferenceRuntime.Onnx;

/// <summary>Sorts of values that a graph may take and give.</summary>
public enum OnnxValueKind
{
    Tensor,
    SparseTensor,
    Sequence,
    Map,
    Optional,

    /// <summary>No type is declared, or one that is not known here.</summary>
    Unknown,
}
