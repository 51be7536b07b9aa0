namespace InferenceOperator.Core.Simulation.Arrivals;

/// <summary>A stretch of time in which the rate goes in a straight line.</summary>
/// <param name="Seconds">Length, above 0.</param>
/// <param name="FromRate">Requests per second at its begin, at least 0.</param>
/// <param name="ToRate">Requests per second at its end, at least 0.</param>
/// <param name="Variation">Coefficient of variation of the times between arrivals, above 0; 1 is Poisson.</param>
public readonly record struct RateSegment(double Seconds, double FromRate, double ToRate, double Variation)
{
    /// <summary>Requests that are expected in the first so many seconds of it.</summary>
    public double Expected(double seconds) => seconds * (FromRate + (0.5 * Slope * seconds));

    /// <summary>Seconds until so many requests are expected, counted from a point within the segment; infinite when it never comes to that.</summary>
    /// <param name="requests">At least 0.</param>
    /// <param name="elapsed">Seconds since the segment's begin.</param>
    public double Until(double requests, double elapsed)
    {
        var rate = FromRate + (Slope * elapsed);
        if (Slope == 0)
        {
            return rate > 0 ? requests / rate : double.PositiveInfinity;
        }

        // The smaller root of slope/2·t² + rate·t = requests, in the form that does not cancel.
        var square = (rate * rate) + (2 * Slope * requests);
        return square < 0 ? double.PositiveInfinity : requests == 0 ? 0 : 2 * requests / (rate + Math.Sqrt(square));
    }

    private double Slope => (ToRate - FromRate) / Seconds;
}
