using System.Globalization;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Schema;

/// <summary>What a text means.</summary>
internal enum TextFormat
{
    Plain,
    Duration,
    Decimal,
    ModelUri,
}

internal static class TextFormats
{
    /// <summary>Patterns are RE2, as the API server reads them.</summary>
    public const string DurationPattern = @"^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^0$";

    /// <summary>What is wrong with the text, or null when it is good.</summary>
    public static string? Complaint(TextFormat format, string text) => format switch
    {
        TextFormat.Plain => null,
        TextFormat.Duration => DurationComplaint(text),
        TextFormat.Decimal => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? null : $"'{text}' is not a decimal number in quotes, such as \"99\" or \"99.9\"",
        TextFormat.ModelUri => ModelLocation.TryParse(text, out _, out var error) ? null : error,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string? DurationComplaint(string text)
    {
        if (Duration.TryParse(text, out var duration))
        {
            return duration.Nanoseconds >= 0 ? null : $"'{text}' is negative";
        }

        return text.Length > 0 && text.All(c => char.IsAsciiDigit(c) || c == '.')
            ? $"'{text}' has no unit: write {text}ms or {text}s"
            : $"'{text}' is not a duration: write a number with a unit, such as 50ms, 2s or 1m30s";
    }
}
