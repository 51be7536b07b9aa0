namespace InferenceRuntime.Core.Tensors;

/// <summary>Element types of the Open Inference Protocol v2.</summary>
public enum Datatype
{
    Bool,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Bf16,
    Fp32,
    Fp64,

    /// <summary>Variable-length elements, each written as a little-endian uint32 length and that many bytes.</summary>
    Bytes,
}
