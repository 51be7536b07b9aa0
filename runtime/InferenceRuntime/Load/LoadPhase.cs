using System.Globalization;

namespace InferenceRuntime.Load;

/// <summary>A stretch of open-loop load, at one rate or on a straight line from one to another.</summary>
/// <param name="Rate">Requests per second at its begin, above 0.</param>
/// <param name="Duration">How long, above 0.</param>
/// <param name="EndRate">Requests per second at its end, above 0.</param>
internal sealed record LoadPhase(double Rate, TimeSpan Duration, double EndRate)
{
    private const double RateMax = 1_000_000;

    /// <summary>A stretch at one rate.</summary>
    public LoadPhase(double rate, TimeSpan duration)
        : this(rate, duration, rate)
    {
    }

    /// <summary>Most phases of one run.</summary>
    public const int PhasesMax = 1000;

    /// <summary>Requests per second at an instant of the phase.</summary>
    /// <param name="offset">Time since the phase began, from 0 to its duration.</param>
    public double RateAt(TimeSpan offset) => Rate + ((EndRate - Rate) * (offset / Duration));

    /// <summary>
    /// Reads <c>RATE:DURATION[,RATE:DURATION…]</c>, for example <c>400:10s,2800:20s</c>; RATE may be <c>FROM-TO</c>.
    /// </summary>
    /// <returns>The phases, or null with what is wrong.</returns>
    public static IReadOnlyList<LoadPhase>? TryParse(string text, out string? error)
    {
        error = null;
        var phases = new List<LoadPhase>();
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0
                || !TryParseRates(part[..colon], out var from, out var to)
                || !DurationText.TryParse(part[(colon + 1)..], out var duration)
                || duration <= TimeSpan.Zero)
            {
                error = $"'{part}' is not RATE:DURATION, such as 400:10s or 400-900:10s (rates above 0 and at most {RateMax:0})";
                return null;
            }

            phases.Add(new LoadPhase(from, duration, to));
        }

        if (phases.Count > PhasesMax)
        {
            error = $"more than {PhasesMax} phases";
            return null;
        }

        return phases;
    }

    private static bool TryParseRates(string text, out double from, out double to)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        to = 0;
        return TryParseRate(dash < 0 ? text : text[..dash], out from) && TryParseRate(text[(dash + 1)..], out to);
    }

    private static bool TryParseRate(string text, out double rate) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out rate) && rate is > 0 and <= RateMax;
}
