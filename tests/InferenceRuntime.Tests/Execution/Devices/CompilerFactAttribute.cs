using System.Runtime.InteropServices;

namespace InferenceRuntime.Tests.Execution.Devices;

/// <summary>A test that compiles a library in C: skipped with the reason where there is no compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CompilerFactAttribute : FactAttribute
{
    public CompilerFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not Architecture.X64)
        {
            Skip = "NVML is tried on 64-bit Linux";
        }
        else if (Compiler is null)
        {
            Skip = "not on the PATH: cc";
        }
    }

    /// <summary>The C compiler; null: there is none.</summary>
    public static string? Compiler { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(static folder => Path.Combine(folder, "cc")).FirstOrDefault(File.Exists);
}
