using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>A length of time as Kubernetes writes it: Go's format, <c>50ms</c>, <c>1m30s</c>, exact to the nanosecond.</summary>
/// <param name="Nanoseconds">May be negative in general; the schema's fields are not.</param>
/// <remarks>Source of the format: Go's <c>time.ParseDuration</c> and <c>Duration.String</c>.</remarks>
[JsonConverter(typeof(DurationJson))]
public readonly record struct Duration(long Nanoseconds) : IComparable<Duration>
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Name, long Nanoseconds)[] Units =
    [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000),
        ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ];

    public double Seconds => Nanoseconds / 1e9;

    public static bool operator <(Duration left, Duration right) => left.Nanoseconds < right.Nanoseconds;

    public static bool operator >(Duration left, Duration right) => left.Nanoseconds > right.Nanoseconds;

    public static bool operator <=(Duration left, Duration right) => left.Nanoseconds <= right.Nanoseconds;

    public static bool operator >=(Duration left, Duration right) => left.Nanoseconds >= right.Nanoseconds;

    public static Duration FromTimeSpan(TimeSpan span) => new(span.Ticks * 100);

    /// <summary>Rounded to three significant digits, so that what people read stays short.</summary>
    /// <param name="seconds">Finite, at most about 290 years.</param>
    public static Duration FromSecondsRounded(double seconds)
    {
        var nanoseconds = seconds * 1e9;
        var unit = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(Math.Max(1, Math.Abs(nanoseconds)))) - 2));
        return new((long)(Math.Round(nanoseconds / unit) * unit));
    }

    /// <summary>Rounded to 100 ns.</summary>
    public TimeSpan ToTimeSpan() => TimeSpan.FromTicks(Nanoseconds / 100);

    public int CompareTo(Duration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <exception cref="FormatException">Not a duration.</exception>
    public static Duration Parse(string text) => TryParse(text, out var duration)
        ? duration
        : throw new FormatException($"'{text}' is not a duration: write a number with a unit, such as 50ms, 2s or 1m30s");

    public static bool TryParse([NotNullWhen(true)] string? text, out Duration duration)
    {
        duration = default;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        rest = negative || rest.StartsWith("+") ? rest[1..] : rest;
        if (rest is "0")
        {
            return true;
        }

        decimal total = 0;
        var any = false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || digits > 20 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var end = rest.IndexOfAny(NumberCharacters);
            var name = end < 0 ? rest : rest[..end];
            var unit = UnitOf(name);
            if (unit == 0 || number > long.MaxValue / unit)
            {
                return false;
            }

            total += Math.Truncate(number * unit);
            if (total > long.MaxValue)
            {
                return false;
            }

            rest = rest[name.Length..];
            any = true;
        }

        duration = new((long)(negative ? -total : total));
        return any;
    }

    private static long UnitOf(ReadOnlySpan<char> name)
    {
        foreach (var (known, nanoseconds) in Units)
        {
            if (name.SequenceEqual(known))
            {
                return nanoseconds;
            }
        }

        return 0;
    }

    /// <summary>Go's form: the largest fitting unit below a second (<c>1.5ms</c>), else hours, minutes and seconds (<c>1m30s</c>).</summary>
    public override string ToString()
    {
        if (Nanoseconds == 0)
        {
            return "0s";
        }

        var size = Math.Abs((decimal)Nanoseconds);
        var sign = Nanoseconds < 0 ? "-" : "";
        if (size < 1_000_000_000)
        {
            var (scale, unit) = size < 1_000 ? (1m, "ns") : size < 1_000_000 ? (1_000m, "µs") : (1_000_000m, "ms");
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{size / scale:0.######}{unit}");
        }

        var text = new StringBuilder(sign);
        var hours = Math.Floor(size / 3_600_000_000_000m);
        var minutes = Math.Floor(size / 60_000_000_000m);
        if (hours > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        }

        if (minutes > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{minutes % 60}m");
        }

        return text.Append(CultureInfo.InvariantCulture, $"{size % 60_000_000_000m / 1_000_000_000m:0.#########}s").ToString();
    }
}
