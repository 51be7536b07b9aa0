using System.Diagnostics;

namespace InferenceRuntime.Core.Tensors;

/// <summary>Wire names and element sizes of <see cref="Datatype"/> (Open Inference Protocol v2, "Tensor Data Types").</summary>
public static class Datatypes
{
    /// <summary>Bytes of one element; 0 for <see cref="Datatype.Bytes"/>, whose elements have no common size.</summary>
    public static int ElementSize(this Datatype datatype) => datatype switch
    {
        Datatype.Bool or Datatype.UInt8 or Datatype.Int8 => 1,
        Datatype.UInt16 or Datatype.Int16 or Datatype.Fp16 or Datatype.Bf16 => 2,
        Datatype.UInt32 or Datatype.Int32 or Datatype.Fp32 => 4,
        Datatype.UInt64 or Datatype.Int64 or Datatype.Fp64 => 8,
        Datatype.Bytes => 0,
        _ => throw new UnreachableException(),
    };

    /// <summary>The protocol's name, for example <c>FP32</c>.</summary>
    public static string WireName(this Datatype datatype) => datatype switch
    {
        Datatype.Bool => "BOOL",
        Datatype.UInt8 => "UINT8",
        Datatype.UInt16 => "UINT16",
        Datatype.UInt32 => "UINT32",
        Datatype.UInt64 => "UINT64",
        Datatype.Int8 => "INT8",
        Datatype.Int16 => "INT16",
        Datatype.Int32 => "INT32",
        Datatype.Int64 => "INT64",
        Datatype.Fp16 => "FP16",
        Datatype.Bf16 => "BF16",
        Datatype.Fp32 => "FP32",
        Datatype.Fp64 => "FP64",
        Datatype.Bytes => "BYTES",
        _ => throw new UnreachableException(),
    };

    /// <summary>The datatype with this wire name (exact, upper case); false when the protocol has none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> wireName, out Datatype datatype)
    {
        foreach (var candidate in Enum.GetValues<Datatype>())
        {
            if (System.Text.Ascii.Equals(wireName, candidate.WireName()))
            {
                datatype = candidate;
                return true;
            }
        }

        datatype = default;
        return false;
    }
}
