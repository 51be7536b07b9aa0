using System.Runtime.InteropServices;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Makes a thread take denormal numbers for zero, as the threads do that ONNX Runtime starts itself.</summary>
/// <remarks>
/// ONNX Runtime sets this for its own pool and for the thread that creates the first session, not for the threads that call
/// it, which do all the work of a session with one thread. On processors other than x64 nothing is done: nor does ONNX Runtime.
/// </remarks>
internal static unsafe partial class DenormalNumbers
{
    // fenv_t of the x86-64 psABI: 28 bytes of the x87 environment, then MXCSR.
    private const int EnvironmentWords = 8;
    private const int MxcsrWord = 7;
    private const uint FlushToZero = 1 << 15;
    private const uint DenormalsAreZero = 1 << 6;

    /// <summary>From now on denormal numbers are zero on the calling thread.</summary>
    public static void FlushOnThisThread()
    {
        if (RuntimeInformation.ProcessArchitecture is not Architecture.X64 || !OperatingSystem.IsLinux())
        {
            return;
        }

        var environment = stackalloc uint[EnvironmentWords];
        if (Read(environment) == 0)
        {
            environment[MxcsrWord] |= FlushToZero | DenormalsAreZero;
            _ = Write(environment); // Only speed on denormal numbers is lost when it fails.
        }
    }

    [LibraryImport("libm.so.6", EntryPoint = "fegetenv")]
    private static partial int Read(uint* environment);

    [LibraryImport("libm.so.6", EntryPoint = "fesetenv")]
    private static partial int Write(uint* environment);
}
