namespace InferenceOperator.Core.Forecasting;

/// <summary>A local linear trend of ln(1 + rate): level and slope with their uncertainty, as a Kalman filter keeps them. Immutable.</summary>
/// <remarks>Source: Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989), section 2.3.6.</remarks>
/// <param name="At">Time of the newest rate in it (UTC).</param>
/// <param name="Level">ln(1 + rows per second).</param>
/// <param name="Slope">Growth of the level per second.</param>
/// <param name="LevelVariance">Variance of the level.</param>
/// <param name="Covariance">Of level and slope.</param>
/// <param name="SlopeVariance">Variance of the slope.</param>
/// <param name="Jumps">Jumps in a row in the same direction: positive up, negative down.</param>
/// <param name="Noise">How much rates differ from what the trend said a step before: a decayed mean of squares, jumps cut.</param>
public sealed record DemandTrend(DateTimeOffset At, double Level, double Slope, double LevelVariance, double Covariance, double SlopeVariance, int Jumps, double Noise)
{
    /// <summary>Random walk of the level and of the slope, variance per second.</summary>
    private const double LevelWalk = 5e-5;
    private const double SlopeWalk = 2e-7;

    /// <summary>Slope variance of a trend that was never observed: a doubling within a minute is one deviation.</summary>
    private const double SlopeVarianceMax = 1.3e-4;

    /// <summary>Deviations beyond which a rate is a jump and not a fluctuation.</summary>
    private const double JumpDeviations = 3;
    private const int JumpsOfTrend = 3;

    /// <summary>Decay of the noise, and the most that a single rate brings into it: a fifth off, and no more than makes a jump.</summary>
    private const double NoiseGain = 0.1;
    private const double NoiseMax = 0.04;

    /// <summary>Longest gap that is carried over; after a longer one the trend begins anew.</summary>
    private const double GapMax = 120;

    /// <summary>A trend that has seen one rate.</summary>
    public static DemandTrend Begin(DateTimeOffset at, double rowsPerSecond, double variance) => new(at, Math.Log(1 + rowsPerSecond), 0, variance, 0, SlopeVarianceMax, 0, variance);

    /// <summary>The trend with one more rate.</summary>
    /// <param name="at">When it was measured; not after <see cref="At"/>: it brings nothing.</param>
    /// <param name="rowsPerSecond">At least 0.</param>
    /// <param name="variance">Of ln(1 + rate) as measured, above 0.</param>
    public DemandTrend After(DateTimeOffset at, double rowsPerSecond, double variance)
    {
        var seconds = (at - At).TotalSeconds;
        if (seconds <= 0)
        {
            return this;
        }

        if (seconds > GapMax)
        {
            return Begin(at, rowsPerSecond, variance);
        }

        var level = Level + (Slope * seconds);
        var levelVariance = LevelVariance + (2 * seconds * Covariance) + (seconds * seconds * SlopeVariance) + (LevelWalk * seconds);
        var covariance = Covariance + (seconds * SlopeVariance);
        var slopeVariance = Math.Min(SlopeVarianceMax, SlopeVariance + (SlopeWalk * seconds));

        // A jump moves the level at once and says nothing of the slope: a step that falls into a sample's time is two of them. A third leaves the slope open.
        var off = Math.Log(1 + rowsPerSecond) - level;
        variance = Math.Max(variance, Noise);
        var usual = JumpDeviations * JumpDeviations * (levelVariance + variance);
        var noise = Noise + (NoiseGain * (Math.Min(Math.Min(NoiseMax, usual), off * off) - Noise));
        var jumps = 0;
        if (off * off > usual)
        {
            levelVariance += off * off;
            jumps = Math.Sign(off) == Math.Sign(Jumps) ? Jumps + Math.Sign(off) : Math.Sign(off);
            slopeVariance = Math.Abs(jumps) < JumpsOfTrend ? slopeVariance : Math.Min(SlopeVarianceMax, slopeVariance + (off * off / (4 * seconds * seconds)));
        }

        var sum = levelVariance + variance;
        var (levelGain, slopeGain) = (levelVariance / sum, covariance / sum);
        return new(
            at,
            level + (levelGain * off),
            Slope + (slopeGain * off),
            levelVariance * (1 - levelGain),
            covariance * (1 - levelGain),
            Math.Max(1e-12, slopeVariance - (slopeGain * covariance)),
            jumps,
            noise);
    }

    /// <summary>ln(1 + rate) so many seconds ahead; of the slope only what is beyond its own deviation counts.</summary>
    public double Ahead(double seconds)
    {
        var doubt = Math.Sqrt(SlopeVariance);
        return Level + (seconds * Math.Sign(Slope) * Math.Max(0, Math.Abs(Slope) - doubt));
    }
}
