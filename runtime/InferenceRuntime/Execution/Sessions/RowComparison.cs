using System.Globalization;
using System.Runtime.InteropServices;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Compares what a row is answered in company and alone.</summary>
internal static class RowComparison
{
    /// <summary>
    /// Largest difference, as a share of the output's largest magnitude, that still counts as the same. Wide on purpose: models
    /// quantized on the fly take their scales from the whole batch, while rows that really mix differ by far more.
    /// </summary>
    public const double ToleratedShare = 0.05;

    /// <summary>Says in which output row <paramref name="row"/> of a batch differs from the same row alone; null when in none.</summary>
    public static string? Difference(ModelSignature signature, TensorContent[] batch, int rows, TensorContent[] alone, int row)
    {
        for (var o = 0; o < signature.Outputs.Length; o++)
        {
            var spec = signature.Outputs[o];
            if (spec.Datatype is not (Datatype.Fp32 or Datatype.Fp64))
            {
                // Classes and labels may tip over on a rounding error.
                continue;
            }

            var bytes = batch[o].Bytes.Length / rows;
            if (bytes != alone[o].Bytes.Length
                || !Same(spec.Datatype, batch[o].Bytes.Span.Slice(row * bytes, bytes), alone[o].Bytes.Span))
            {
                return string.Create(CultureInfo.InvariantCulture, $"row {row} of output '{spec.Name}' depends on the other rows of the batch");
            }
        }

        return null;
    }

    private static bool Same(Datatype datatype, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => datatype is Datatype.Fp32
        ? Same(MemoryMarshal.Cast<byte, float>(one), MemoryMarshal.Cast<byte, float>(other))
        : Same(MemoryMarshal.Cast<byte, double>(one), MemoryMarshal.Cast<byte, double>(other));

    private static bool Same<T>(ReadOnlySpan<T> one, ReadOnlySpan<T> other)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var largest = 0.0;
        foreach (var value in other)
        {
            if (T.IsFinite(value))
            {
                largest = Math.Max(largest, double.CreateChecked(T.Abs(value)));
            }
        }

        for (var i = 0; i < one.Length; i++)
        {
            var (a, b) = (double.CreateChecked(one[i]), double.CreateChecked(other[i]));
            if (!a.Equals(b) && !(Math.Abs(a - b) <= ToleratedShare * largest))
            {
                return false;
            }
        }

        return true;
    }
}
