using System.Globalization;

namespace InferenceRuntime.Commands;

/// <summary>Amounts of memory on the command line: bytes, or with <c>Ki</c>, <c>Mi</c>, <c>Gi</c> as Kubernetes writes them.</summary>
internal static class QuantityText
{
    private static readonly (string Suffix, long Bytes)[] Units = [("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("", 1)];

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        foreach (var (suffix, unit) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && long.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number <= long.MaxValue / unit)
            {
                bytes = number * unit;
                return true;
            }
        }

        return false;
    }
}
