using System.Globalization;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Decisions.Explain;

/// <summary>Numbers and times as people read them.</summary>
internal static class Figures
{
    private const double SecondsMax = 1e9;

    public static string Number(double value) => value.ToString(Math.Abs(value) < 100 ? "0.##" : "0", CultureInfo.InvariantCulture);

    public static string Time(double? seconds) => seconds is { } s ? Math.Abs(s) < SecondsMax ? Duration.FromSecondsRounded(s).ToString() : "∞" : "—";

    public static string Time(TimeSpan span) => Time(span.TotalSeconds);

    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Percent(double? share) => share is { } s ? (100 * s).ToString("0.##", CultureInfo.InvariantCulture) + " %" : "—";

    /// <summary>s(b) as a line, without its noise.</summary>
    public static string Line(ServiceTime service) => $"an execution of b rows takes {Milliseconds(service.Line.Fixed)} + {Milliseconds(service.Line.PerRow)}·b ms";

    private static string Milliseconds(double seconds) => (1e3 * seconds).ToString("0.###", CultureInfo.InvariantCulture);

    public static string Count(int number, string one) => number == 1 ? $"1 {one}" : $"{number} {one}s";
}
