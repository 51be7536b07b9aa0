using System.Collections.Immutable;

namespace InferenceOperator.Core.Simulation.Arrivals;

/// <summary>Arrival times that were recorded somewhere. Immutable.</summary>
public sealed class Recording
{
    /// <summary>Width of the windows in which a rate is told.</summary>
    private const double WindowSeconds = 10;

    private readonly double[] _rates;

    /// <param name="times">Seconds since the start, ascending, at least 0; at least one.</param>
    /// <exception cref="ArgumentException">Empty, or not ascending.</exception>
    public Recording(ImmutableArray<double> times)
    {
        if (times.IsEmpty || !(times[0] >= 0) || times.Zip(times.Skip(1)).Any(static p => !(p.First <= p.Second)))
        {
            throw new ArgumentException("a recording needs ascending times from 0 on", nameof(times));
        }

        Times = times;
        Seconds = Math.Max(times[^1], 1e-6) * (1 + 1e-12);
        _rates = new double[(int)(Seconds / WindowSeconds) + 1];
        foreach (var time in times)
        {
            _rates[(int)(time / WindowSeconds)] += 1 / Math.Min(WindowSeconds, Seconds);
        }
    }

    public ImmutableArray<double> Times { get; }

    public double Seconds { get; }

    public double RateAt(double seconds) => seconds < 0 || seconds >= Seconds ? 0 : _rates[(int)(seconds / WindowSeconds)];

    public double PeakBetween(double from, double to)
    {
        var last = Math.Min((int)(to / WindowSeconds), _rates.Length - 1);
        var peak = 0.0;
        for (var i = Math.Max(0, (int)(from / WindowSeconds)); i <= last; i++)
        {
            peak = Math.Max(peak, _rates[i]);
        }

        return peak;
    }
}
