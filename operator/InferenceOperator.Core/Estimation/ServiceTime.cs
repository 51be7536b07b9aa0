using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Estimation;

/// <summary>What is known of s(b), the seconds an execution of b rows takes.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(OnePoint), "onePoint")]
[JsonDerivedType(typeof(Fitted), "fitted")]
[JsonDerivedType(typeof(Table), "table")]
public abstract record ServiceTime
{
    private ServiceTime()
    {
    }

    /// <summary>Standard deviation of an execution's time around s(b), relative to it, at the mean batch; 0 to 1.</summary>
    public double RelativeNoise { get; init; }

    /// <summary>Mean rows of the executions it rests on.</summary>
    public double MeanBatch { get; init; }

    /// <summary>Seconds that an execution of b rows takes on average, as far as is known.</summary>
    /// <param name="rows">At least 1.</param>
    public abstract double Mean(double rows);

    /// <summary>Seconds that an execution of b rows takes at most, as far as is known: an upper estimate of the mean s(b).</summary>
    /// <param name="rows">At least 1.</param>
    public abstract double Upper(double rows);

    /// <summary>Standard deviation of the estimate of s(b) itself, seconds; it shrinks as executions are seen.</summary>
    /// <param name="rows">At least 1.</param>
    public abstract double Deviation(double rows);

    /// <summary>Fixed and per-row part where it is a line, for display.</summary>
    [JsonIgnore]
    public abstract (double Fixed, double PerRow) Line { get; }

    /// <summary>Batches were too alike to tell the two parts: only the mean at the observed batch is known, and 0 ≤ m ≤ s/b.</summary>
    /// <param name="Batch">Mean rows observed, at least 1.</param>
    /// <param name="Seconds">Mean seconds observed.</param>
    /// <param name="MeanVariance">Variance of the estimate of that mean.</param>
    public sealed record OnePoint(double Batch, double Seconds, double MeanVariance) : ServiceTime
    {
        /// <summary>In proportion: the least that is possible below the point.</summary>
        public override double Mean(double rows) => Seconds * rows / Batch;

        /// <summary>The worst line through the point: flat below it, through the origin above it.</summary>
        public override double Upper(double rows) => rows <= Batch ? Seconds : Seconds * rows / Batch;

        public override double Deviation(double rows) => Math.Sqrt(MeanVariance) * Math.Max(1, rows / Batch);

        [JsonIgnore]
        public override (double Fixed, double PerRow) Line => (Seconds, 0);
    }

    /// <summary>s(b) = fixed + perRow·b, both at least 0.</summary>
    /// <param name="Fixed">a, seconds.</param>
    /// <param name="PerRow">m, seconds per row.</param>
    /// <param name="MeanVariance">Variance of the estimate of s at the mean batch.</param>
    /// <param name="SlopeVariance">Variance of the estimate of m.</param>
    public sealed record Fitted(double Fixed, double PerRow, double MeanVariance, double SlopeVariance) : ServiceTime
    {
        /// <summary>Standard deviations added where the line is carried beyond 1.5 times the mean batch.</summary>
        private const double Caution = 2;

        public override double Mean(double rows) => Fixed + (PerRow * rows);

        public override double Upper(double rows) => Mean(rows) + Margin(rows);

        public override double Deviation(double rows) => Math.Sqrt(MeanVariance + (SlopeVariance * (rows - MeanBatch) * (rows - MeanBatch)));

        [JsonIgnore]
        public override (double Fixed, double PerRow) Line => (Fixed, PerRow);

        /// <summary>What is added for caution.</summary>
        public double Margin(double rows) => rows <= 1.5 * MeanBatch ? 0 : Caution * Deviation(rows);
    }

    /// <summary>The curve is not a line (steps of padding, a cache that overflows): means by batch size where there are any, the line beyond.</summary>
    /// <param name="Points">Rows and mean seconds, both ascending; at least two.</param>
    /// <param name="Trend">The best line, for what lies outside of the points.</param>
    public sealed record Table([property: JsonConverter(typeof(ServicePointsJson))] ImmutableArray<(double Rows, double Seconds)> Points, Fitted Trend) : ServiceTime
    {
        public override double Mean(double rows)
        {
            var (first, last) = (Points[0], Points[^1]);
            if (rows <= first.Rows)
            {
                return Math.Clamp(Trend.Mean(rows), first.Seconds * rows / first.Rows, first.Seconds);
            }

            if (rows >= last.Rows)
            {
                var before = Points[^2];
                return last.Seconds + ((rows - last.Rows) * Math.Max(Trend.PerRow, (last.Seconds - before.Seconds) / (last.Rows - before.Rows)));
            }

            var i = 1;
            while (rows > Points[i].Rows)
            {
                i++;
            }

            var (low, high) = (Points[i - 1], Points[i]);
            return low.Seconds + ((high.Seconds - low.Seconds) * (rows - low.Rows) / (high.Rows - low.Rows));
        }

        public override double Upper(double rows) => Mean(rows) + Trend.Margin(rows);

        public override double Deviation(double rows) => Trend.Deviation(rows);

        [JsonIgnore]
        public override (double Fixed, double PerRow) Line => Trend.Line;

        public bool Equals(Table? other) => other is not null && base.Equals(other) && Trend == other.Trend && Points.SequenceEqual(other.Points);

        public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Trend, Points.Length);
    }
}
