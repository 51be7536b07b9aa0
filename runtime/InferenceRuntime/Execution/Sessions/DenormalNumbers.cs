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

    /// <summary>Denormal numbers are zero on the calling thread until the result is disposed, on the same thread.</summary>
    public static Scope Flush()
    {
        var scope = default(Scope);
        if (RuntimeInformation.ProcessArchitecture is Architecture.X64 && OperatingSystem.IsLinux())
        {
            scope.Begin();
        }

        return scope;
    }

    [LibraryImport("libm.so.6", EntryPoint = "fegetenv")]
    private static partial int Read(uint* environment);

    [LibraryImport("libm.so.6", EntryPoint = "fesetenv")]
    private static partial int Write(uint* environment);

    /// <summary>What the thread had before.</summary>
    public ref struct Scope
    {
        private fixed uint _environment[EnvironmentWords];
        private bool _isChanged;

        internal void Begin()
        {
            fixed (uint* environment = _environment)
            {
                var mode = FlushToZero | DenormalsAreZero;
                if (Read(environment) != 0 || (environment[MxcsrWord] & mode) == mode)
                {
                    return;
                }

                var before = environment[MxcsrWord];
                environment[MxcsrWord] |= mode;
                _isChanged = Write(environment) == 0; // Only speed on denormal numbers is lost when it fails.
                environment[MxcsrWord] = before;
            }
        }

        /// <summary>Gives the thread back what it had.</summary>
        public void Dispose()
        {
            if (_isChanged)
            {
                fixed (uint* environment = _environment)
                {
                    _ = Write(environment);
                }
            }
        }
    }
}
