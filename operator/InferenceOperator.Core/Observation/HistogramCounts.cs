using System.Collections.Immutable;

namespace InferenceOperator.Core.Observation;

/// <summary>A Prometheus histogram's buckets.</summary>
/// <param name="UpperBounds">Finite upper bounds, ascending; the bucket <c>+Inf</c> is <paramref name="Count"/>.</param>
/// <param name="Cumulative">Observations at or below each bound; as long as <paramref name="UpperBounds"/>.</param>
/// <param name="Count">All observations.</param>
/// <param name="Sum">Sum of the observed values.</param>
public sealed record HistogramCounts(ImmutableArray<double> UpperBounds, ImmutableArray<double> Cumulative, double Count, double Sum)
{
    /// <summary>No observation, no bucket; the neutral element of <see cref="Plus"/>.</summary>
    public static HistogramCounts Empty { get; } = new([], [], 0, 0);

    public bool Equals(HistogramCounts? other) =>
        other is not null && Count.Equals(other.Count) && Sum.Equals(other.Sum)
        && UpperBounds.SequenceEqual(other.UpperBounds) && Cumulative.SequenceEqual(other.Cumulative);

    public override int GetHashCode() => HashCode.Combine(Count, Sum, UpperBounds.Length);

    /// <summary>This and <paramref name="factor"/> times the other.</summary>
    /// <exception cref="ArgumentException">Both have buckets, and their bounds differ.</exception>
    public HistogramCounts Plus(HistogramCounts other, double factor = 1)
    {
        if (other.UpperBounds.IsEmpty)
        {
            return this;
        }

        if (UpperBounds.IsEmpty)
        {
            return other.Times(factor);
        }

        if (!UpperBounds.SequenceEqual(other.UpperBounds))
        {
            throw new ArgumentException("histograms with different bounds do not add up", nameof(other));
        }

        return new(UpperBounds, [.. Cumulative.Zip(other.Cumulative, (a, b) => a + (b * factor))], Count + (other.Count * factor), Sum + (other.Sum * factor));
    }

    public HistogramCounts Times(double factor) => new(UpperBounds, [.. Cumulative.Select(c => c * factor)], Count * factor, Sum * factor);

    /// <summary>The quantile by linear interpolation in its bucket, as Prometheus' <c>histogram_quantile</c>; null when empty. Above the last bound: that bound.</summary>
    /// <param name="share">In (0, 1).</param>
    public double? Quantile(double share)
    {
        if (!(Count > 0) || UpperBounds.IsEmpty)
        {
            return null;
        }

        var rank = share * Count;
        for (var i = 0; i < UpperBounds.Length; i++)
        {
            if (Cumulative[i] >= rank)
            {
                var below = i == 0 ? 0 : Cumulative[i - 1];
                var lower = i == 0 ? 0 : UpperBounds[i - 1];
                return Cumulative[i] > below ? lower + ((UpperBounds[i] - lower) * (rank - below) / (Cumulative[i] - below)) : UpperBounds[i];
            }
        }

        return UpperBounds[^1];
    }

    /// <summary>Upper bound of the highest bucket that has an observation; infinite above the last bound, 0 when empty.</summary>
    public double Largest()
    {
        if (!(Count > 0))
        {
            return 0;
        }

        for (var i = 0; i < UpperBounds.Length; i++)
        {
            if (Cumulative[i] >= Count - 0.5)
            {
                return UpperBounds[i];
            }
        }

        return double.PositiveInfinity;
    }
}
