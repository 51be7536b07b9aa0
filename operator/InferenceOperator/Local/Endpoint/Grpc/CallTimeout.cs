using System.Globalization;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>The form of <c>grpc-timeout</c>: one to eight digits and a unit.</summary>
/// <remarks>Source: gRPC over HTTP2, "Timeout".</remarks>
internal static class CallTimeout
{
    private const int DigitsMax = 8;
    private const long CountMax = 99_999_999;

    /// <summary>Reads a timeout, from zero to 99,999,999 hours; false when the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > DigitsMax + 1 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var (isUnit, ticks) = text[^1] switch
        {
            'H' => (true, count * TimeSpan.TicksPerHour),
            'M' => (true, count * TimeSpan.TicksPerMinute),
            'S' => (true, count * TimeSpan.TicksPerSecond),
            'm' => (true, count * TimeSpan.TicksPerMillisecond),
            'u' => (true, count * TimeSpan.TicksPerMicrosecond),
            'n' => (true, count / TimeSpan.NanosecondsPerTick),
            _ => (false, 0),
        };
        timeout = TimeSpan.FromTicks(ticks);
        return isUnit;
    }

    /// <summary>Writes what is left of a timeout, above zero: rounded down to the finest unit that holds it, to a microsecond at least.</summary>
    public static string Write(TimeSpan left)
    {
        var microseconds = Math.Max(1, left.Ticks / TimeSpan.TicksPerMicrosecond);
        return microseconds <= CountMax ? Text(microseconds, 'u')
            : microseconds / 1000 <= CountMax ? Text(microseconds / 1000, 'm')
            : Text(Math.Min(CountMax, microseconds / 1_000_000), 'S');
    }

    private static string Text(long count, char unit) => string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
}
