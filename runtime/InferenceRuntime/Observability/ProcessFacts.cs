using System.Diagnostics;

namespace InferenceRuntime.Observability;

/// <summary>What the operating system says of this process.</summary>
/// <param name="CpuSeconds">Processor time so far.</param>
/// <param name="ResidentBytes">Resident memory.</param>
/// <param name="StartedAt">When it started.</param>
internal readonly record struct ProcessFacts(double CpuSeconds, long ResidentBytes, DateTimeOffset StartedAt)
{
    private static readonly DateTimeOffset Start = ReadStart();

    public static ProcessFacts Read() => new(Environment.CpuUsage.TotalTime.TotalSeconds, Environment.WorkingSet, Start);

    private static DateTimeOffset ReadStart()
    {
        using var process = Process.GetCurrentProcess();
        return process.StartTime.ToUniversalTime();
    }
}
