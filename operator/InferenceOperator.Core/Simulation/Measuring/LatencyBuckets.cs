namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>Buckets of latency: 128 per doubling from 61 µs to 4.5 h, so that a quantile is right within 0.8 %; the index is read off the number's bits.</summary>
internal static class LatencyBuckets
{
    public const int Count = 28 << SubBits;

    private const int SubBits = 7;
    private const int Shift = 52 - SubBits;
    private const int LowestExponent = -14;
    private const int Offset = (1023 + LowestExponent) << SubBits;

    /// <summary>The bucket of a latency; what lies outside goes to the first or the last.</summary>
    public static int IndexOf(double seconds) => Math.Clamp((int)(BitConverter.DoubleToInt64Bits(seconds) >> Shift) - Offset, 0, Count - 1);

    /// <summary>Lower edge of a bucket, seconds.</summary>
    public static double Lower(int index) => BitConverter.Int64BitsToDouble((long)(index + Offset) << Shift);
}
