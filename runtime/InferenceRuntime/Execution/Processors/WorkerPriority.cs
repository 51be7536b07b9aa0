using System.Runtime.InteropServices;

namespace InferenceRuntime.Execution.Processors;

/// <summary>
/// Lets threads that read and write sockets run before the one that computes. A batch computes for milliseconds, a reply is
/// written in microseconds: on shared cores the short work must not wait for the scheduler to end the long one's slice.
/// </summary>
internal static partial class WorkerPriority
{
    private const int ThreadOfCaller = 0;   // PRIO_PROCESS with 0; Linux applies it to the calling thread
    private const int Nice = 5;             // sched(7): about a third of the weight of a thread at 0

    /// <summary>Lowers the calling thread's priority. Where the system refuses, it stays as it is: nothing depends on it.</summary>
    public static void Lower()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(which: 0, ThreadOfCaller, Nice);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
