using System.Buffers.Binary;
using System.Diagnostics;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Comparing;

/// <summary>Compares two answers to one request, row by row. Pure.</summary>
/// <remarks>
/// Integers, truth values and text have to be equal. Floating-point rows agree when each element is within the tolerance of its type, or, where a
/// row has several elements, when both point the same way (cosine) and have the same largest element, or one that is as good as it by the
/// tolerance: a classifier of lower precision gives other scores and the same answer.
/// </remarks>
public static class AnswerComparison
{
    /// <summary>Least cosine of two rows whose elements are not each within the tolerance.</summary>
    public const double CosineMin = 0.99;

    /// <param name="signature">Of the model; the answers have a tensor for each of its outputs.</param>
    /// <param name="wanted">Bit i set when output i was asked for; at least one bit.</param>
    /// <param name="expected">The answer that is taken as right.</param>
    /// <param name="actual">The other.</param>
    public static RowAgreement Compare(ModelSignature signature, ulong wanted, ReadOnlySpan<TensorContent> expected, ReadOnlySpan<TensorContent> actual)
    {
        var first = System.Numerics.BitOperations.TrailingZeroCount(wanted);
        var rows = signature.Batched ? Math.Max(1, expected[first].Shape.Span[0]) : 1;
        for (var i = first; i < expected.Length; i++)
        {
            if ((wanted & (1UL << i)) != 0 && !expected[i].Shape.Span.SequenceEqual(actual[i].Shape.Span))
            {
                return new(0, 0, rows);
            }
        }

        var agreed = 0L;
        for (var row = 0L; row < rows; row++)
        {
            agreed += Agrees(signature, wanted, expected, actual, row, rows) ? 1 : 0;
        }

        return new(agreed, rows - agreed, 0);
    }

    private static bool Agrees(ModelSignature signature, ulong wanted, ReadOnlySpan<TensorContent> expected, ReadOnlySpan<TensorContent> actual, long row, long rows)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if ((wanted & (1UL << i)) == 0)
            {
                continue;
            }

            var datatype = signature.Outputs[i].Datatype;
            var left = expected[i].Bytes.Span;
            var right = actual[i].Bytes.Span;
            if (datatype is Datatype.Bytes)
            {
                // Elements have no common size: all rows stand or fall together.
                if (!left.SequenceEqual(right))
                {
                    return false;
                }

                continue;
            }

            var length = (int)(left.Length / rows);
            var start = (int)(row * length);
            if (left.Length != right.Length || !Agree(datatype, left.Slice(start, length), right.Slice(start, length)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Agree(Datatype datatype, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        if (expected.SequenceEqual(actual))
        {
            return true;
        }

        if (datatype is not (Datatype.Fp16 or Datatype.Bf16 or Datatype.Fp32 or Datatype.Fp64))
        {
            return false;
        }

        var size = datatype.ElementSize();
        var (areClose, products, squares, others) = (true, 0.0, 0.0, 0.0);
        var (best, bestOfActual, elements) = (0, 0, expected.Length / size);
        for (var i = 0; i < elements; i++)
        {
            var (e, a) = (Value(datatype, expected[(i * size)..]), Value(datatype, actual[(i * size)..]));
            if (!double.IsFinite(e) || !double.IsFinite(a))
            {
                if (!e.Equals(a))
                {
                    return false;
                }

                continue;
            }

            areClose &= IsClose(datatype, e, a);
            (products, squares, others) = (products + (e * a), squares + (e * e), others + (a * a));
            best = e > Value(datatype, expected[(best * size)..]) ? i : best;
            bestOfActual = a > Value(datatype, actual[(bestOfActual * size)..]) ? i : bestOfActual;
        }

        return areClose
            || (elements > 1
                && products >= CosineMin * Math.Sqrt(squares) * Math.Sqrt(others)
                && IsClose(datatype, Value(datatype, expected[(best * size)..]), Value(datatype, expected[(bestOfActual * size)..])));
    }

    // Half precision has three digits; what is quantised from single precision keeps about two.
    private static bool IsClose(Datatype datatype, double expected, double actual)
    {
        var (absolute, relative) = datatype is Datatype.Fp16 or Datatype.Bf16 ? (5e-3, 2e-2) : (1e-3, 1e-2);
        return Math.Abs(expected - actual) <= absolute + (relative * Math.Abs(expected));
    }

    private static double Value(Datatype datatype, ReadOnlySpan<byte> element) => datatype switch
    {
        Datatype.Fp16 => (double)BinaryPrimitives.ReadHalfLittleEndian(element),
        Datatype.Bf16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(element) << 16),
        Datatype.Fp32 => BinaryPrimitives.ReadSingleLittleEndian(element),
        Datatype.Fp64 => BinaryPrimitives.ReadDoubleLittleEndian(element),
        _ => throw new UnreachableException(),
    };
}
