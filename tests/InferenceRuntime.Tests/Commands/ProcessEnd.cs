using System.Diagnostics;

namespace InferenceRuntime.Tests.Commands;

/// <summary>The end of a process that a test started.</summary>
internal static class ProcessEnd
{
    /// <summary>Kills the process where it still runs, and removes the folder that it had.</summary>
    public static async ValueTask EndAsync(this Process process, string folder)
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
