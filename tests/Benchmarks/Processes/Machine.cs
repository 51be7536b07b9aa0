using System.Runtime.InteropServices;

namespace InferenceOperator.Benchmarks.Processes;

/// <summary>What the figures were measured on, in words.</summary>
internal static class Machine
{
    /// <summary>Processor, cores, memory, runtime.</summary>
    public static string Describe()
    {
        var processor = Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var memoryKiB = long.Parse((Field("/proc/meminfo", "MemTotal") ?? "0 kB").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        return $"{processor}, {Environment.ProcessorCount} cores, {memoryKiB >> 20} GiB, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}";
    }

    private static string? Field(string file, string name)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
