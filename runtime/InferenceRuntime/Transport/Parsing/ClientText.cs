using System.Text;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>Text that a client chose, made fit to stand in an error: bounded, on one line, quoted.</summary>
internal static class ClientText
{
    /// <summary>Characters that are repeated; the rest is cut off.</summary>
    public const int LengthMax = 64;

    public static string Quote(ReadOnlySpan<byte> utf8) =>
        Quote(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * LengthMax)]));

    public static string Quote(string text)
    {
        var shown = text.Length <= LengthMax ? text : text[..LengthMax] + "…";
        return $"'{string.Concat(shown.Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c))}'";
    }
}
