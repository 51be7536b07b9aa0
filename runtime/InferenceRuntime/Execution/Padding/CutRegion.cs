using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Padding;

/// <summary>Copies the leading corner of a tensor; of one whose elements differ in size only the whole.</summary>
internal static class CutRegion
{
    /// <summary>Bytes of the corner.</summary>
    /// <param name="tensor">The whole; its elements have one size.</param>
    /// <param name="shape">The corner, along no axis longer than the whole.</param>
    public static long Length(TensorContent tensor, ReadOnlySpan<long> shape)
    {
        if (shape.SequenceEqual(tensor.Shape.Span))
        {
            return tensor.Bytes.Length;
        }

        var (whole, part) = (Count(tensor.Shape.Span), Count(shape));
        return whole == 0 ? 0 : tensor.Bytes.Length / whole * part;
    }

    /// <summary>Copies the corner in row-major order.</summary>
    /// <param name="tensor">The whole.</param>
    /// <param name="shape">The corner.</param>
    /// <param name="target">As long as <see cref="Length"/> says.</param>
    public static void Copy(TensorContent tensor, ReadOnlySpan<long> shape, Span<byte> target)
    {
        var whole = tensor.Shape.Span;
        if (target.IsEmpty)
        {
            return;
        }

        if (shape.SequenceEqual(whole))
        {
            tensor.Bytes.Span.CopyTo(target);
            return;
        }

        Copy(tensor.Bytes.Span, whole, shape, target);
    }

    private static void Copy(ReadOnlySpan<byte> source, ReadOnlySpan<long> whole, ReadOnlySpan<long> shape, Span<byte> target)
    {
        if (shape.Length == 1 || shape[1..].SequenceEqual(whole[1..]))
        {
            source[..target.Length].CopyTo(target);
            return;
        }

        var (from, to) = (source.Length / (int)whole[0], target.Length / (int)shape[0]);
        for (var i = 0; i < shape[0]; i++)
        {
            Copy(source.Slice(i * from, from), whole[1..], shape[1..], target.Slice(i * to, to));
        }
    }

    private static long Count(ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var length in shape)
        {
            count *= length;
        }

        return count;
    }
}
