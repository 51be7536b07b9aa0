using System.CommandLine;
using System.CommandLine.Parsing;
using InferenceRuntime.Load;

namespace InferenceRuntime.Commands;

/// <summary>Makes the options of the commands.</summary>
internal static class CommandOptions
{
    public static Option<T> Of<T>(string name, string description) => new(name) { Description = description };

    public static Option<T> Of<T>(string name, T defaultValue, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => defaultValue };

    /// <summary>A whole number between two bounds.</summary>
    public static Option<int> Whole(string name, int defaultValue, int min, int max, string description)
    {
        var option = Of(name, defaultValue, description);
        option.Validators.Add(result => CheckWhole(result, name, min, max));
        return option;
    }

    /// <summary>A whole number between two bounds that may be left out.</summary>
    public static Option<int?> OptionalWhole(string name, int min, int max, string description)
    {
        var option = Of<int?>(name, description);
        option.Validators.Add(result => CheckWhole(result, name, min, max));
        return option;
    }

    public static Option<TimeSpan> Duration(string name, string defaultValue, string description) =>
        Parsed(name, defaultValue, description, "a duration such as 500ms, 5s or 2m", static (string text, out TimeSpan value) => DurationText.TryParse(text, out value));

    public static Option<long> Bytes(string name, string defaultValue, long max, string description) =>
        Parsed(name, defaultValue, description, $"an amount such as 64Mi, from 1 to {max} bytes", (string text, out long value) =>
            QuantityText.TryParse(text, out value) && value >= 1 && value <= max);

    /// <summary>An amount that may be left out.</summary>
    public static Option<long?> OptionalBytes(string name, long max, string description) => new(name)
    {
        Description = description,
        CustomParser = result => Parse(result, name, $"an amount such as 64Mi, from 1 to {max} bytes", (string text, out long? value) =>
        {
            var isAmount = QuantityText.TryParse(text, out var bytes) && bytes >= 1 && bytes <= max;
            value = isAmount ? bytes : null;
            return isAmount;
        }),
    };

    public static Option<T> Parsed<T>(string name, string defaultValue, string description, string expected, TryParse<T> parse)
    {
        parse(defaultValue, out var value);
        return new Option<T>(name)
        {
            Description = $"{description} [default: {defaultValue}]",
            DefaultValueFactory = _ => value,
            CustomParser = result => Parse(result, name, expected, parse),
        };
    }

    private static T Parse<T>(ArgumentResult result, string name, string expected, TryParse<T> parse)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (!parse(text, out var value))
        {
            result.AddError($"{name}: '{text}' is not {expected}");
        }

        return value;
    }

    private static void CheckWhole(OptionResult result, string name, int min, int max)
    {
        foreach (var token in result.Tokens)
        {
            if (int.TryParse(token.Value, out var number) && (number < min || number > max))
            {
                result.AddError($"{name}: {number} is not between {min} and {max}");
            }
        }
    }

    /// <summary>Reads a value from text.</summary>
    internal delegate bool TryParse<T>(string text, out T value);
}
