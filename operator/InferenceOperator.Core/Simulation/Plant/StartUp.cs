using System.Collections.Immutable;

namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>How long a replica takes from wanted to ready: a closed set.</summary>
public abstract record StartUp
{
    private StartUp()
    {
    }

    /// <summary>Base-model loads measured in GenTD26 (Alibaba): p50 22.7 s, p90 42.0 s, p99 51.9 s.</summary>
    public static StartUp MeasuredLoads { get; } = new Quantiles([new(0, 8), new(0.5, 22.7), new(0.9, 42), new(0.99, 51.9), new(1, 60)]);

    /// <summary>Seconds at a share of the starts.</summary>
    /// <param name="share">In (0, 1).</param>
    public abstract double At(double share);

    /// <summary>Every start takes the same.</summary>
    /// <param name="Seconds">At least 0.</param>
    public sealed record Always(double Seconds) : StartUp
    {
        public override double At(double share) => Seconds;
    }

    /// <summary>Straight lines between measured quantiles.</summary>
    /// <param name="Points">From share 0 to share 1, both ascending; at least two.</param>
    public sealed record Quantiles(ImmutableArray<(double Share, double Seconds)> Points) : StartUp
    {
        public override double At(double share)
        {
            var i = 1;
            while (i < Points.Length - 1 && Points[i].Share < share)
            {
                i++;
            }

            var (low, high) = (Points[i - 1], Points[i]);
            return low.Seconds + ((high.Seconds - low.Seconds) * Math.Clamp((share - low.Share) / (high.Share - low.Share), 0, 1));
        }

        public bool Equals(Quantiles? other) => other is not null && Points.SequenceEqual(other.Points);

        public override int GetHashCode() => Points.Length;
    }
}
