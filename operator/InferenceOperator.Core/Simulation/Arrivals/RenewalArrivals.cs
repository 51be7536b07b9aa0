namespace InferenceOperator.Core.Simulation.Arrivals;

/// <summary>
/// A renewal process whose clock runs as fast as the rate: gaps of mean 1 with the segment's variation, Gamma distributed, are stretched
/// by the rate that holds while they pass, so that a change of the rate within a gap is not missed.
/// </summary>
/// <remarks>Gamma by Marsaglia and Tsang (2000), with their power for shapes below 1; a variation of 1 is drawn as exponential.</remarks>
internal sealed class RenewalArrivals(RateProfile profile, ulong seed) : ArrivalProcess
{
    private Draws _draws = new(seed, DrawPurpose.Arrivals);
    private int _segment;
    private double _begin;
    private double _now;

    public override double Next()
    {
        if (_segment >= profile.Segments.Length)
        {
            return double.PositiveInfinity;
        }

        var gap = Gap(profile.Segments[_segment].Variation);
        while (true)
        {
            var segment = profile.Segments[_segment];
            var elapsed = _now - _begin;
            var wait = segment.Until(gap, elapsed);
            if (elapsed + wait < segment.Seconds)
            {
                _now += wait;
                return _now;
            }

            gap = Math.Max(0, gap - (segment.Expected(segment.Seconds) - segment.Expected(elapsed)));
            _begin += segment.Seconds;
            _now = _begin;
            if (++_segment >= profile.Segments.Length)
            {
                return double.PositiveInfinity;
            }
        }
    }

    private double Gap(double variation)
    {
        if (variation == 1)
        {
            return -Math.Log(_draws.Next());
        }

        var shape = 1 / (variation * variation);
        return shape < 1
            ? Gamma(shape + 1) * Math.Exp(Math.Log(_draws.Next()) / shape) / shape
            : Gamma(shape) / shape;
    }

    private double Gamma(double shape)
    {
        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = _draws.NextNormal();
            var v = 1 + (c * x);
            if (v <= 0)
            {
                continue;
            }

            v = v * v * v;
            var u = _draws.Next();
            if (u < 1 - (0.0331 * x * x * x * x) || Math.Log(u) < (0.5 * x * x) + (d * (1 - v + Math.Log(v))))
            {
                return d * v;
            }
        }
    }
}
