using System.Runtime.InteropServices;

namespace InferenceOperator.Local.Replicas;

/// <summary>POSIX signals to child processes.</summary>
internal static class Signals
{
    private const int SigTerm = 15;
    private const int SigKill = 9;

    /// <summary>Asks the process to end.</summary>
    public static void Terminate(int pid) => _ = SendSignal(pid, SigTerm);

    /// <summary>Ends the process.</summary>
    public static void Kill(int pid) => _ = SendSignal(pid, SigKill);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
