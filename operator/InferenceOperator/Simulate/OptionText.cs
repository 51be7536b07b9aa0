using System.Globalization;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Simulate;

/// <summary>Reads the values of options; what is wrong is said with the option's name.</summary>
/// <param name="option">The option, as it is written.</param>
internal sealed class OptionText(string option)
{
    /// <summary>Comma-separated <c>name=value</c>, each name at most once and known.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public Dictionary<string, string> Fields(string text, params ReadOnlySpan<string> known)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text.Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals];
            if (equals < 0 || !known.Contains(name) || !fields.TryAdd(name, part[(equals + 1)..]))
            {
                throw new FormatException($"{option}: '{part}' is not one of {string.Join("=…, ", known.ToArray())}=…, each at most once");
            }
        }

        return fields;
    }

    /// <summary>A duration, seconds.</summary>
    /// <exception cref="FormatException">It is none, or outside the bounds.</exception>
    public double Seconds(string? text, double min = 0, double max = 1e9) =>
        Duration.TryParse(text, out var duration) && duration.Seconds >= min && duration.Seconds <= max
            ? duration.Seconds
            : throw new FormatException(Invariant($"{option}: '{text}' is not a duration{Bounds(min, max, 1e9, "s")}, such as 50ms, 30s or 1h30m"));

    /// <summary>A number.</summary>
    /// <exception cref="FormatException">It is none, or outside the bounds.</exception>
    public double Number(string? text, double min, double max) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException(Invariant($"{option}: '{text}' is not a number from {min} to {max}"));

    /// <summary>A whole number.</summary>
    /// <exception cref="FormatException">It is none, or outside the bounds.</exception>
    public int Count(string? text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException(Invariant($"{option}: '{text}' is not a whole number from {min} to {max}"));

    /// <summary>A share: <c>5%</c> or <c>0.05</c>.</summary>
    /// <exception cref="FormatException">It is none, or outside 0 to 1.</exception>
    public double Share(string text) =>
        text.EndsWith('%') ? Number(text[..^1], 0, 100) / 100 : Number(text, 0, 1);

    /// <summary>Two parts with a separator between.</summary>
    /// <exception cref="FormatException">There are not two.</exception>
    public (string First, string Second) Pair(string text, string separator, string form)
    {
        var parts = text.Split(separator);
        return parts.Length == 2 ? (parts[0], parts[1]) : throw new FormatException($"{option}: '{text}' is not {form}");
    }

    private static string Bounds(double min, double max, double unbounded, string unit) =>
        max < unbounded ? Invariant($" from {min}{unit} to {max}{unit}") : min > 0 ? Invariant($" of at least {min}{unit}") : "";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
