using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Forecasting;

/// <summary>
/// How far what came lay above what was forecast, ln, and how often: a decayed histogram of jumps per second of the horizon. The part of the time in which a
/// headroom would not have been enough is what lies above it, times the horizon. Immutable.
/// </summary>
/// <remarks>
/// Source: the newsvendor's critical fractile (Arrow, Harris, Marschak: Optimal Inventory Policy, Econometrica 19, 1951), with the share of requests that
/// the objective lets be missed as the price of a miss. Jumps that come by themselves within a horizon are as many as it is long.
/// </remarks>
/// <param name="Seconds">Time that is in it, what was taken before anything was seen included; at most <see cref="MemorySeconds"/>.</param>
/// <param name="Rates">By size, <see cref="Bins"/> bins of <see cref="BinWidth"/>, the last one with all that is larger: jumps per second of the horizon, 0 to 1 each.</param>
public sealed record SurpriseHistogram(double Seconds, ImmutableArray<double> Rates)
{
    public const int Bins = 10;

    /// <summary>Width of a bin, ln: about a twentieth more.</summary>
    public const double BinWidth = 0.05;

    /// <summary>Time in which it forgets, seconds.</summary>
    public const double MemorySeconds = 4 * 3600;

    /// <summary>Weight of what is taken before anything was seen, seconds: a single jump soon after the start is no habit.</summary>
    private const double UnseenSeconds = MemorySeconds / 2.0;

    /// <summary>Taken before anything was seen, for this horizon, seconds: a headroom of 15 % is not enough in a hundredth of the time, exponentially less for more.</summary>
    private const double UnseenHorizon = 40;
    private const double UnseenMean = 0.0326;

    public static SurpriseHistogram Unseen { get; } = new(
        UnseenSeconds,
        [.. Enumerable.Range(0, Bins).Select(static i => (Unlikely(i) - (i == Bins - 1 ? 0 : Unlikely(i + 1))) / UnseenHorizon)]);

    /// <summary>What comes is what is forecast.</summary>
    public static SurpriseHistogram Never { get; } = new(MemorySeconds, [.. new double[Bins]]);

    /// <summary>Whether it could have come of forecasts: what was read need not be.</summary>
    [JsonIgnore]
    public bool IsValid => Seconds is >= 0 and <= MemorySeconds && Rates is { IsDefault: false, Length: Bins } && Rates.All(static r => r is >= 0 and <= 1);

    /// <summary>The histogram with one more forecast judged.</summary>
    /// <param name="above">How far what came lay above it, ln; 0 and less: not at all.</param>
    /// <param name="horizonSeconds">How far ahead it was made, above 0.</param>
    /// <param name="seconds">Time that it stands for, at least 0.</param>
    public SurpriseHistogram After(double above, double horizonSeconds, double seconds)
    {
        var known = Math.Min(MemorySeconds, Seconds + seconds);
        var gain = Math.Min(1, seconds / known);
        var bin = above <= 0 ? -1 : (int)Math.Min(Bins - 1, Math.Ceiling(above / BinWidth) - 1);
        var rate = 1 / Math.Max(1, horizonSeconds);
        return new(known, [.. Rates.Select((r, i) => r + (gain * ((i == bin ? rate : 0) - r)))]);
    }

    /// <summary>The least headroom, ln, that is not enough in at most this share of the time.</summary>
    /// <param name="share">Share of the time, above 0.</param>
    /// <param name="horizonSeconds">How far ahead, at least 0.</param>
    public double Headroom(double share, double horizonSeconds)
    {
        var (beyond, bin) = (0.0, Bins);
        while (bin > 0 && (beyond + Rates[bin - 1]) * horizonSeconds <= share)
        {
            beyond += Rates[--bin];
        }

        return bin * BinWidth;
    }

    public bool Equals(SurpriseHistogram? other) => other is not null && Seconds.Equals(other.Seconds) && Rates.SequenceEqual(other.Rates);

    public override int GetHashCode() => HashCode.Combine(Seconds, Rates.Length);

    private static double Unlikely(int bin) => Math.Exp(-bin * BinWidth / UnseenMean);
}
