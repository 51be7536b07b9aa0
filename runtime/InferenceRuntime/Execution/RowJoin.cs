using System.Buffers;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution;

/// <summary>Puts the outputs of a split request together again.</summary>
internal static class RowJoin
{
    // Tensors begin at multiples of this, so that whoever reads them can read whole elements.
    private const int Alignment = 8;

    /// <summary>
    /// The outputs of all pieces, in the order of their rows, in one piece of pooled memory; the pieces' own memory is given
    /// back. Null when they do not fit together: their shapes differ beside axis 0, or they are larger than one array can be.
    /// </summary>
    /// <param name="pieces">At least one, in the order of their rows; all of the same outputs.</param>
    public static OutputLease? Concatenate(IReadOnlyList<OutputLease> pieces)
    {
        try
        {
            var shapes = new long[]?[pieces[0].Outputs.Length];
            var lengths = new long[shapes.Length];
            var total = 0L;
            for (var o = 0; o < shapes.Length; o++)
            {
                if (!TryMeasure(pieces, o, out shapes[o], out lengths[o]))
                {
                    return null;
                }

                total += Padded(lengths[o]);
            }

            return total > Array.MaxLength ? null : Copy(pieces, shapes, lengths, (int)total);
        }
        finally
        {
            foreach (var piece in pieces)
            {
                piece.Release?.Invoke();
            }
        }
    }

    // An output that was not wanted has no dimensions in any piece; its shape stays null.
    private static bool TryMeasure(IReadOnlyList<OutputLease> pieces, int output, out long[]? shape, out long length)
    {
        shape = null;
        length = 0;
        var first = pieces[0].Outputs[output].Shape.Span;
        if (first.IsEmpty)
        {
            return true;
        }

        shape = [.. first];
        shape[0] = 0;
        foreach (var piece in pieces)
        {
            var tensor = piece.Outputs[output];
            if (!tensor.Shape.Span[1..].SequenceEqual(first[1..]))
            {
                return false;
            }

            shape[0] += tensor.Shape.Span[0];
            length += tensor.Bytes.Length;
        }

        return true;
    }

    private static OutputLease Copy(IReadOnlyList<OutputLease> pieces, long[]?[] shapes, long[] lengths, int total)
    {
        var memory = ArrayPool<byte>.Shared.Rent(total);
        var outputs = new TensorContent[shapes.Length];
        var start = 0;
        for (var o = 0; o < outputs.Length; o++)
        {
            if (shapes[o] is not { } shape)
            {
                continue;
            }

            outputs[o] = new TensorContent(shape, memory.AsMemory(start, (int)lengths[o]));
            var at = start;
            foreach (var piece in pieces)
            {
                var bytes = piece.Outputs[o].Bytes.Span;
                bytes.CopyTo(memory.AsSpan(at));
                at += bytes.Length;
            }

            start += (int)Padded(lengths[o]);
        }

        return new OutputLease(outputs, () => ArrayPool<byte>.Shared.Return(memory));
    }

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
