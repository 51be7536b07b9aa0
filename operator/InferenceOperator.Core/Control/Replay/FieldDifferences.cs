using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace InferenceOperator.Core.Control.Replay;

/// <summary>Compares two JSON values field by field.</summary>
public static class FieldDifferences
{
    /// <summary>Most differences that are named.</summary>
    public const int ShownMax = 32;

    /// <summary>Most characters of a value that are shown.</summary>
    private const int ValueMax = 200;

    /// <summary>The first differences in the order of the fields, and how many there are.</summary>
    public static (ImmutableArray<FieldDifference> Fields, int Count) Of(JsonElement recorded, JsonElement decided)
    {
        var found = ImmutableArray.CreateBuilder<FieldDifference>();
        var count = 0;
        Compare("", recorded, decided);
        return (found.ToImmutable(), count);

        void Compare(string path, JsonElement? left, JsonElement? right)
        {
            switch (left, right)
            {
                case ({ ValueKind: JsonValueKind.Object } a, { ValueKind: JsonValueKind.Object } b):
                    foreach (var name in a.EnumerateObject().Concat(b.EnumerateObject()).Select(static p => p.Name).Distinct(StringComparer.Ordinal))
                    {
                        Compare(path.Length == 0 ? name : $"{path}.{name}", Field(a, name), Field(b, name));
                    }

                    break;
                case ({ ValueKind: JsonValueKind.Array } a, { ValueKind: JsonValueKind.Array } b):
                    for (var i = 0; i < Math.Max(a.GetArrayLength(), b.GetArrayLength()); i++)
                    {
                        Compare(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), Item(a, i), Item(b, i));
                    }

                    break;
                default:
                    if (!IsSame(left, right))
                    {
                        count++;
                        if (found.Count < ShownMax)
                        {
                            found.Add(new(path, Text(left), Text(right)));
                        }
                    }

                    break;
            }
        }
    }

    /// <summary>Strings are compared by what they say, numbers by how they are written.</summary>
    private static bool IsSame(JsonElement? left, JsonElement? right) =>
        left is { ValueKind: JsonValueKind.String } a && right is { ValueKind: JsonValueKind.String } b
            ? a.GetString() == b.GetString()
            : left?.GetRawText() == right?.GetRawText();

    private static JsonElement? Field(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value : null;

    private static JsonElement? Item(JsonElement of, int index) => index < of.GetArrayLength() ? of[index] : null;

    private static string? Text(JsonElement? value) => value?.GetRawText() is { } text && text.Length > ValueMax ? text[..ValueMax] + " …" : value?.GetRawText();
}
