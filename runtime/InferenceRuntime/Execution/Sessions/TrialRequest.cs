using System.Buffers.Binary;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Makes requests to try a model with: the same numbers in every process, different in every row.</summary>
internal static class TrialRequest
{
    // Larger inputs than this say nothing new and cost memory.
    private const long BytesMax = 256L << 20;

    /// <summary>
    /// A request of rows <paramref name="firstRow"/> and following: fractions in [0, 1), whole numbers and booleans 0 or 1, empty
    /// strings; lengths that vary beside axis 0 are 1. Null when it would be too large.
    /// </summary>
    public static InferenceRequest? Of(ModelSignature signature, int rows, int firstRow)
    {
        var inputs = new TensorContent[signature.Inputs.Length];
        var total = 0L;
        for (var i = 0; i < inputs.Length; i++)
        {
            var spec = signature.Inputs[i];
            long[] shape = [.. spec.Shape.Select(dimension => dimension < 0 ? 1 : dimension)];
            if (signature.Batched)
            {
                shape[0] = rows;
            }

            // An empty string is four zero bytes: its length.
            var size = spec.Datatype is Datatype.Bytes ? sizeof(uint) : spec.Datatype.ElementSize();
            var length = (Int128)size;
            foreach (var dimension in shape)
            {
                length = Int128.Min(length, BytesMax + 1) * dimension;
            }

            if (length > BytesMax - total)
            {
                return null;
            }

            var bytes = new byte[(int)length];
            Fill(spec.Datatype, bytes, size, bytes.Length / size / (signature.Batched ? rows : 1), firstRow);
            inputs[i] = new TensorContent(shape, bytes);
            total += bytes.Length;
        }

        return new InferenceRequest(inputs, rows, total, ulong.MaxValue, 0, 0, long.MaxValue);
    }

    private static void Fill(Datatype datatype, Span<byte> bytes, int size, int elementsPerRow, int firstRow)
    {
        if (datatype is Datatype.Bytes)
        {
            return;
        }

        for (var k = 0; bytes.Length > 0; k++, bytes = bytes[size..])
        {
            var fraction = Fraction((uint)(firstRow + (k / elementsPerRow)), (uint)(k % elementsPerRow));
            switch (datatype)
            {
                case Datatype.Fp32:
                    BinaryPrimitives.WriteSingleLittleEndian(bytes, fraction);
                    break;
                case Datatype.Fp64:
                    BinaryPrimitives.WriteDoubleLittleEndian(bytes, fraction);
                    break;
                case Datatype.Fp16:
                    BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)fraction);
                    break;
                case Datatype.Bf16:
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(BitConverter.SingleToUInt32Bits(fraction) >> 16));
                    break;
                default:
                    bytes[0] = fraction < 0.5f ? (byte)0 : (byte)1;
                    break;
            }
        }
    }

    // Two rounds of the finalizer of MurmurHash3 mix well enough that rows and columns look unrelated.
    private static float Fraction(uint row, uint column) => (Mix(Mix(row + 1) + column) >> 8) / (float)(1 << 24);

    private static uint Mix(uint value)
    {
        value = (value ^ (value >> 16)) * 0x85EBCA6B;
        value = (value ^ (value >> 13)) * 0xC2B2AE35;
        return value ^ (value >> 16);
    }
}
