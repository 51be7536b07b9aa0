using System.Collections.Immutable;

namespace InferenceOperator.Core.Simulation.Arrivals;

/// <summary>The rate of arrivals over time: straight stretches one after the other. Immutable.</summary>
public sealed class RateProfile
{
    private readonly double[] _begins;

    /// <param name="segments">At least one.</param>
    /// <exception cref="ArgumentException">No segment, or one with a length, rate or variation outside its range.</exception>
    public RateProfile(ImmutableArray<RateSegment> segments)
    {
        if (segments.IsEmpty || segments.Any(static s => !(s.Seconds > 0) || !(s.FromRate >= 0) || !(s.ToRate >= 0) || !(s.Variation > 0)))
        {
            throw new ArgumentException("a rate profile needs segments with a length above 0, rates of at least 0 and a variation above 0", nameof(segments));
        }

        Segments = segments;
        _begins = new double[segments.Length];
        for (var i = 1; i < _begins.Length; i++)
        {
            _begins[i] = _begins[i - 1] + segments[i - 1].Seconds;
        }

        Seconds = _begins[^1] + segments[^1].Seconds;
    }

    public ImmutableArray<RateSegment> Segments { get; }

    public double Seconds { get; }

    /// <summary>A constant rate.</summary>
    public static RateProfile Constant(double rate, double seconds, double variation = 1) => new([new(seconds, rate, rate, variation)]);

    /// <summary>One rate, then at once another.</summary>
    public static RateProfile Step(double from, double to, double at, double seconds, double variation = 1) =>
        new([new(at, from, from, variation), new(seconds - at, to, to, variation)]);

    /// <summary>A straight line from one rate to another.</summary>
    public static RateProfile Ramp(double from, double to, double seconds, double variation = 1) => new([new(seconds, from, to, variation)]);

    /// <summary>Half a period low, half a period high, and so on.</summary>
    public static RateProfile Square(double low, double high, double period, double seconds, double variation = 1)
    {
        var segments = ImmutableArray.CreateBuilder<RateSegment>();
        var isHigh = false;
        for (var left = seconds; left > 1e-9; left -= period / 2, isHigh = !isHigh)
        {
            var rate = isHigh ? high : low;
            segments.Add(new(Math.Min(left, period / 2), rate, rate, variation));
        }

        return new(segments.ToImmutable());
    }

    /// <summary>The part between two times, the rates times a factor.</summary>
    public RateProfile Part(double from, double to, double rateFactor = 1)
    {
        var segments = ImmutableArray.CreateBuilder<RateSegment>();
        for (var i = 0; i < _begins.Length; i++)
        {
            var begin = Math.Max(from, _begins[i]);
            var end = Math.Min(to, _begins[i] + Segments[i].Seconds);
            if (end - begin > 1e-9)
            {
                segments.Add(new(end - begin, Rate(i, begin) * rateFactor, Rate(i, end) * rateFactor, Segments[i].Variation));
            }
        }

        return new(segments.ToImmutable());
    }

    public double RateAt(double seconds) => seconds < 0 || seconds >= Seconds ? 0 : Rate(IndexAt(seconds), seconds);

    public double PeakBetween(double from, double to)
    {
        var peak = Math.Max(RateAt(from), RateAt(Math.Min(to, Seconds - 1e-9)));
        for (var i = IndexAt(Math.Clamp(from, 0, Seconds)); i < _begins.Length && _begins[i] <= to; i++)
        {
            peak = Math.Max(peak, _begins[i] >= from ? Segments[i].FromRate : 0);
            peak = Math.Max(peak, _begins[i] + Segments[i].Seconds <= to ? Segments[i].ToRate : 0);
        }

        return peak;
    }

    public double MeanRate() => Segments.Sum(static s => s.Expected(s.Seconds)) / Seconds;

    private int IndexAt(double seconds)
    {
        var index = Array.BinarySearch(_begins, seconds);
        return index >= 0 ? index : ~index - 1;
    }

    private double Rate(int index, double seconds)
    {
        var s = Segments[index];
        return s.FromRate + ((s.ToRate - s.FromRate) * (seconds - _begins[index]) / s.Seconds);
    }
}
