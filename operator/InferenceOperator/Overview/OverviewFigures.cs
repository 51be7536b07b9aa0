using System.Globalization;
using InferenceOperator.Decisions.Explain;

namespace InferenceOperator.Overview;

/// <summary>Ages and texts as a terminal shows them.</summary>
internal static class OverviewFigures
{
    /// <summary>The largest unit that fits, as kubectl writes it: 12s, 3m, 5h, 8d. What lies ahead, by a clock that goes wrong, is 0s.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { Ticks: <= 0 } => "0s",
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalSeconds}s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes}m"),
        { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalHours}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalDays}d"),
    };

    /// <summary>A time with its age.</summary>
    public static string Since(DateTimeOffset at, DateTimeOffset now) => $"{Figures.Instant(at)} ({Age(now - at)})";

    /// <summary>Text of others on one line: control characters, which could steer the terminal, become spaces.</summary>
    public static string Plain(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c)) : text;
}
