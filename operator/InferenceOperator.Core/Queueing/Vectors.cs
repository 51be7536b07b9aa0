using System.Numerics;
using System.Runtime.InteropServices;

namespace InferenceOperator.Core.Queueing;

/// <summary>The two inner loops of the latency model, as wide as the machine allows.</summary>
/// <remarks>Every element is one multiplication and one addition in the same order whatever the width, so results do not depend on it.</remarks>
internal static class Vectors
{
    /// <summary>target += weight·source.</summary>
    /// <param name="target">At least as long as the source; apart from it.</param>
    /// <param name="weight">Factor.</param>
    /// <param name="source">Read only.</param>
    public static void AddScaled(Span<double> target, double weight, ReadOnlySpan<double> source)
    {
        target = target[..source.Length];
        var wideTarget = MemoryMarshal.Cast<double, Vector<double>>(target);
        var wideSource = MemoryMarshal.Cast<double, Vector<double>>(source);
        var factor = new Vector<double>(weight);
        for (var i = 0; i < wideSource.Length; i++)
        {
            wideTarget[i] += factor * wideSource[i];
        }

        for (var i = wideSource.Length * Vector<double>.Count; i < source.Length; i++)
        {
            target[i] += weight * source[i];
        }
    }

    /// <summary>values *= factor.</summary>
    public static void Scale(Span<double> values, double factor)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }
}
