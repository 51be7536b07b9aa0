using System.Globalization;

namespace InferenceRuntime.Load;

/// <summary>A stretch of open-loop load.</summary>
/// <param name="Rate">Requests per second, above 0.</param>
/// <param name="Duration">How long, above 0.</param>
internal sealed record LoadPhase(double Rate, TimeSpan Duration)
{
    /// <summary>Most phases of one run.</summary>
    public const int PhasesMax = 1000;

    /// <summary>Reads <c>RATE:DURATION[,RATE:DURATION…]</c>, for example <c>400:10s,2800:20s</c>.</summary>
    /// <returns>The phases, or null with what is wrong.</returns>
    public static IReadOnlyList<LoadPhase>? TryParse(string text, out string? error)
    {
        error = null;
        var phases = new List<LoadPhase>();
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0
                || !double.TryParse(part.AsSpan(0, colon), NumberStyles.Float, CultureInfo.InvariantCulture, out var rate)
                || rate is not (> 0 and <= 1_000_000)
                || !DurationText.TryParse(part[(colon + 1)..], out var duration)
                || duration <= TimeSpan.Zero)
            {
                error = $"'{part}' is not RATE:DURATION, such as 400:10s (rate above 0 and at most 1000000)";
                return null;
            }

            phases.Add(new LoadPhase(rate, duration));
        }

        if (phases.Count > PhasesMax)
        {
            error = $"more than {PhasesMax} phases";
            return null;
        }

        return phases;
    }
}
