using System.Collections.Immutable;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Padding;

/// <summary>How one input is padded.</summary>
/// <param name="Input">Its index in the signature.</param>
/// <param name="Axis">The axis that is padded, at least 1.</param>
/// <param name="AxisName">The model's name for its length.</param>
/// <param name="Buckets">Lengths, ascending.</param>
/// <param name="Fill">One element of padding in wire form.</param>
internal sealed record PaddedInput(int Input, int Axis, string AxisName, ImmutableArray<int> Buckets, byte[] Fill)
{
    /// <summary>The smallest bucket that holds <paramref name="length"/>; the length itself when none does.</summary>
    public long BucketFor(long length)
    {
        foreach (var bucket in Buckets)
        {
            if (bucket >= length)
            {
                return bucket;
            }
        }

        return length;
    }

    /// <summary>Bytes that a tensor has once its axis is <paramref name="length"/> long.</summary>
    public long BytesAt(TensorContent tensor, long length)
    {
        var bytes = (long)Fill.Length;
        for (var i = 0; i < tensor.Shape.Length; i++)
        {
            bytes = checked(bytes * (i == Axis ? length : tensor.Shape.Span[i]));
        }

        return bytes;
    }

    /// <summary>Writes the tensor with its axis padded to <paramref name="length"/>.</summary>
    /// <param name="tensor">What the request brought; its axis is not longer.</param>
    /// <param name="length">The bucket.</param>
    /// <param name="padded">Exactly as long as <see cref="BytesAt"/> says.</param>
    public void Write(TensorContent tensor, long length, Span<byte> padded)
    {
        var (outer, inner) = Strides(tensor.Shape.Span);
        var source = tensor.Bytes.Span;
        var (kept, whole) = ((int)(tensor.Shape.Span[Axis] * inner), (int)(length * inner));
        for (var i = 0L; i < outer; i++)
        {
            source[..kept].CopyTo(padded);
            FillWith(padded[kept..whole]);
            source = source[kept..];
            padded = padded[whole..];
        }
    }

    private (long Outer, long InnerBytes) Strides(ReadOnlySpan<long> shape)
    {
        var outer = 1L;
        var inner = (long)Fill.Length;
        for (var i = 0; i < shape.Length; i++)
        {
            outer *= i < Axis ? shape[i] : 1;
            inner *= i > Axis ? shape[i] : 1;
        }

        return (outer, inner);
    }

    private void FillWith(Span<byte> target)
    {
        if (Fill.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            target.Clear();
            return;
        }

        for (; target.Length > 0; target = target[Fill.Length..])
        {
            Fill.CopyTo(target);
        }
    }
}
