using System.Globalization;

namespace InferenceRuntime.Models;

/// <summary>How much more memory this process may take.</summary>
internal static class FreeMemory
{
    private const string Field = "MemAvailable:";

    /// <summary>Bytes: what the container's limit leaves, and no more than what the machine has.</summary>
    /// <remarks>The runtime's figure of the limit is 75 % of the container's; other processes of the container are not seen.</remarks>
    public static long Bytes()
    {
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return Math.Max(0, Math.Min(limit - Environment.WorkingSet, Available(File.ReadLines("/proc/meminfo"))));
    }

    /// <summary>What the system estimates to be available without swapping, bytes; no bound where it does not say.</summary>
    internal static long Available(IEnumerable<string> lines)
    {
        var line = lines.FirstOrDefault(static l => l.StartsWith(Field, StringComparison.Ordinal)) ?? "";
        var number = line.AsSpan(Math.Min(Field.Length, line.Length)).Trim();
        return number.EndsWith(" kB", StringComparison.Ordinal) && long.TryParse(number[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes)
            ? kibibytes * 1024
            : long.MaxValue;
    }
}
