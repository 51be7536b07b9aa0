using System.Collections.Immutable;
using System.Globalization;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>Arithmetic on shapes that a client sent: nothing overflows, nothing is believed.</summary>
internal static class TensorShape
{
    /// <summary>Most dimensions of a tensor.</summary>
    public const int RankMax = 32;

    /// <summary>The number of elements, or −1 when it is beyond 2⁶³ − 1. Dimensions are not negative.</summary>
    public static long Elements(ReadOnlySpan<long> shape)
    {
        var elements = 1L;
        foreach (var dimension in shape)
        {
            if (dimension != 0 && elements > long.MaxValue / dimension)
            {
                return -1;
            }

            elements *= dimension;
        }

        return elements;
    }

    /// <summary>Bytes of so many elements, or −1 beyond 2⁶³ − 1.</summary>
    public static long Bytes(long elements, int elementSize) =>
        elements > long.MaxValue / elementSize ? -1 : elements * elementSize;

    /// <summary>The axis at which a shape breaks what the model declares; −1 when it fits, <see cref="RankMax"/> when the ranks differ.</summary>
    public static int FirstMisfit(ReadOnlySpan<long> shape, ImmutableArray<long> declared)
    {
        if (shape.Length != declared.Length)
        {
            return RankMax;
        }

        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (declared[axis] >= 0 && declared[axis] != shape[axis])
            {
                return axis;
            }
        }

        return -1;
    }

    /// <summary>For error texts: <c>[1,64]</c>.</summary>
    public static string Text(ReadOnlySpan<long> shape)
    {
        var parts = new string[shape.Length];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            parts[axis] = shape[axis].ToString(CultureInfo.InvariantCulture);
        }

        return $"[{string.Join(',', parts)}]";
    }
}
