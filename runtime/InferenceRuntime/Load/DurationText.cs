using System.Globalization;

namespace InferenceRuntime.Load;

/// <summary>Durations on the command line: a number and <c>us</c>, <c>ms</c>, <c>s</c> or <c>m</c>.</summary>
internal static class DurationText
{
    private static readonly (string Unit, double Seconds)[] Units = [("us", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60)];

    /// <summary>Reads one duration, not negative and at most 24 hours; false when the text is no such thing.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        foreach (var (unit, seconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && number * seconds is >= 0 and <= 86_400)
            {
                duration = TimeSpan.FromSeconds(number * seconds);
                return true;
            }
        }

        duration = default;
        return false;
    }
}
