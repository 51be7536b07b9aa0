using System.Diagnostics;
using InferenceRuntime.Core.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>The protocol's datatypes as ONNX Runtime names them.</summary>
internal static class ElementTypes
{
    /// <summary>ONNX Runtime's element type.</summary>
    public static TensorElementType Of(Datatype datatype) => datatype switch
    {
        Datatype.Bool => TensorElementType.Bool,
        Datatype.UInt8 => TensorElementType.UInt8,
        Datatype.UInt16 => TensorElementType.UInt16,
        Datatype.UInt32 => TensorElementType.UInt32,
        Datatype.UInt64 => TensorElementType.UInt64,
        Datatype.Int8 => TensorElementType.Int8,
        Datatype.Int16 => TensorElementType.Int16,
        Datatype.Int32 => TensorElementType.Int32,
        Datatype.Int64 => TensorElementType.Int64,
        Datatype.Fp16 => TensorElementType.Float16,
        Datatype.Bf16 => TensorElementType.BFloat16,
        Datatype.Fp32 => TensorElementType.Float,
        Datatype.Fp64 => TensorElementType.Double,
        Datatype.Bytes => TensorElementType.String,
        _ => throw new UnreachableException(),
    };

    /// <summary>The protocol's datatype for the name that the ONNX format gives an element type; null when it has none.</summary>
    public static Datatype? FromOnnx(string elementType) => elementType switch
    {
        "BOOL" => Datatype.Bool,
        "UINT8" => Datatype.UInt8,
        "UINT16" => Datatype.UInt16,
        "UINT32" => Datatype.UInt32,
        "UINT64" => Datatype.UInt64,
        "INT8" => Datatype.Int8,
        "INT16" => Datatype.Int16,
        "INT32" => Datatype.Int32,
        "INT64" => Datatype.Int64,
        "FLOAT16" => Datatype.Fp16,
        "BFLOAT16" => Datatype.Bf16,
        "FLOAT" => Datatype.Fp32,
        "DOUBLE" => Datatype.Fp64,
        "STRING" => Datatype.Bytes,
        _ => null,
    };
}
