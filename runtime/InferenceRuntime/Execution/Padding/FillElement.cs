using System.Buffers.Binary;
using System.Diagnostics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Padding;

/// <summary>One element in wire form.</summary>
internal static class FillElement
{
    /// <summary>The element nearest to <paramref name="value"/> that the type has.</summary>
    public static byte[] Of(Datatype datatype, double value)
    {
        var bytes = new byte[datatype.ElementSize()];
        switch (datatype)
        {
            case Datatype.Bool:
                bytes[0] = value == 0 ? (byte)0 : (byte)1;
                break;
            case Datatype.UInt8:
                bytes[0] = byte.CreateSaturating(value);
                break;
            case Datatype.Int8:
                bytes[0] = (byte)sbyte.CreateSaturating(value);
                break;
            case Datatype.UInt16:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, ushort.CreateSaturating(value));
                break;
            case Datatype.Int16:
                BinaryPrimitives.WriteInt16LittleEndian(bytes, short.CreateSaturating(value));
                break;
            case Datatype.UInt32:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, uint.CreateSaturating(value));
                break;
            case Datatype.Int32:
                BinaryPrimitives.WriteInt32LittleEndian(bytes, int.CreateSaturating(value));
                break;
            case Datatype.UInt64:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, ulong.CreateSaturating(value));
                break;
            case Datatype.Int64:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, long.CreateSaturating(value));
                break;
            case Datatype.Fp16:
                BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value);
                break;
            case Datatype.Bf16:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16));
                break;
            case Datatype.Fp32:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
                break;
            case Datatype.Fp64:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                break;
            case Datatype.Bytes:
            default:
                throw new UnreachableException();
        }

        return bytes;
    }
}
