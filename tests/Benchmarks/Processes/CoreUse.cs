using System.Globalization;

namespace InferenceOperator.Benchmarks.Processes;

/// <summary>How long a core worked for processes so far, seconds: user, nice, system, and what the hypervisor took (proc(5), /proc/stat).</summary>
internal static class CoreUse
{
    private const double TicksPerSecond = 100;   // USER_HZ, fixed in Linux's ABI
    private static readonly int[] Counted = [1, 2, 3, 8];

    /// <summary>Reads it.</summary>
    public static double Seconds(int core)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"cpu{core} ");
        var fields = File.ReadLines("/proc/stat").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ');
        return Counted.Sum(field => double.Parse(fields[field], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
