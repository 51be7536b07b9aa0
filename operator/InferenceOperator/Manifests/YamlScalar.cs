using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace InferenceOperator.Manifests;

/// <summary>Plain scalars by the core schema of YAML 1.2 (§10.3.2): <c>yes</c>, <c>on</c> and <c>012</c> are not what YAML 1.1 made of them.</summary>
internal static partial class YamlScalar
{
    /// <summary>The JSON value of a plain (unquoted, untagged) scalar.</summary>
    /// <exception cref="FormatException">JSON has no such number: <c>.inf</c>, <c>.nan</c>, or one out of range.</exception>
    public static JsonNode? Read(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ when Integer().IsMatch(text) => ReadInteger(text),
        _ when Octal().IsMatch(text) => JsonValue.Create(ReadDigits(text, 8)),
        _ when Hexadecimal().IsMatch(text) => JsonValue.Create(ReadDigits(text, 16)),
        _ when Float().IsMatch(text) => ReadFloat(text),
        _ when NotFinite().IsMatch(text) => throw new FormatException($"'{text}' is no number that JSON has"),
        _ => JsonValue.Create(text),
    };

    private static JsonValue ReadInteger(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : ReadFloat(text);

    private static long ReadDigits(string text, int numberBase)
    {
        try
        {
            return Convert.ToInt64(text[2..], numberBase);
        }
        catch (OverflowException)
        {
            throw new FormatException($"'{text}' is out of range");
        }
    }

    private static JsonValue ReadFloat(string text)
    {
        var number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(number) ? JsonValue.Create(number) : throw new FormatException($"'{text}' is out of range");
    }

    [GeneratedRegex("^[-+]?[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex("^0o[0-7]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();

    [GeneratedRegex("^0x[0-9a-fA-F]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Float();

    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$", RegexOptions.CultureInvariant)]
    private static partial Regex NotFinite();
}
