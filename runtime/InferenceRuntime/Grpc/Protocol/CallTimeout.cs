using System.Globalization;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>The form of <c>grpc-timeout</c>: one to eight digits and a unit.</summary>
/// <remarks>Source: gRPC over HTTP2, "Timeout".</remarks>
internal static class CallTimeout
{
    private const int DigitsMax = 8;

    /// <summary>Reads a timeout, from zero to 99,999,999 hours; false when the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > DigitsMax + 1 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var ticks = text[^1] switch
        {
            'H' => count * TimeSpan.TicksPerHour,
            'M' => count * TimeSpan.TicksPerMinute,
            'S' => count * TimeSpan.TicksPerSecond,
            'm' => count * TimeSpan.TicksPerMillisecond,
            'u' => count * TimeSpan.TicksPerMicrosecond,
            'n' => count / TimeSpan.NanosecondsPerTick,
            _ => -1,
        };
        timeout = TimeSpan.FromTicks(Math.Max(0, ticks));
        return ticks >= 0;
    }
}
