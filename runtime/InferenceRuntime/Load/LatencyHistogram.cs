using System.Numerics;

namespace InferenceRuntime.Load;

/// <summary>Counts durations in log-linear buckets, as HdrHistogram does: relative error of a quantile below 1/128. Not thread safe.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 7;
    private const int SubBuckets = 1 << SubBucketBits;
    private const int MagnitudesMax = 40;   // 2^40 µs, about 12 days

    private readonly long[] _counts = new long[(MagnitudesMax - SubBucketBits + 1) * SubBuckets];

    /// <summary>Durations counted.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, exact to the microsecond; zero when empty.</summary>
    public TimeSpan Max { get; private set; }

    /// <summary>The mean, exact to the microsecond; zero when empty.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds((double)_sumMicroseconds / Count);

    private long _sumMicroseconds;

    /// <summary>Counts one duration; negative ones count as zero.</summary>
    public void Record(TimeSpan duration)
    {
        var microseconds = Math.Clamp(duration.Ticks / TimeSpan.TicksPerMicrosecond, 0, (1L << MagnitudesMax) - 1);
        _counts[Index(microseconds)]++;
        Count++;
        _sumMicroseconds += microseconds;
        if (duration > Max)
        {
            Max = duration;
        }
    }

    /// <summary>Adds all that <paramref name="other"/> counted.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        _sumMicroseconds += other._sumMicroseconds;
        Max = other.Max > Max ? other.Max : Max;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        _sumMicroseconds = 0;
        Max = TimeSpan.Zero;
    }

    /// <summary>The smallest bucket's upper end that at least this share of the durations do not exceed; zero when empty.</summary>
    /// <param name="quantile">0 to 1.</param>
    public TimeSpan Quantile(double quantile)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(quantile * Count));
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                var upper = TimeSpan.FromMicroseconds(UpperEnd(i));
                return upper < Max ? upper : Max;
            }
        }

        return Max;
    }

    private static int Index(long microseconds)
    {
        if (microseconds < SubBuckets)
        {
            return (int)microseconds;
        }

        var magnitude = BitOperations.Log2((ulong)microseconds) - SubBucketBits;
        return ((magnitude + 1) << SubBucketBits) + (int)(microseconds >> magnitude) - SubBuckets;
    }

    private static long UpperEnd(int index)
    {
        if (index < SubBuckets)
        {
            return index;
        }

        var magnitude = (index >> SubBucketBits) - 1;
        return ((long)((index & (SubBuckets - 1)) + SubBuckets + 1) << magnitude) - 1;
    }
}
