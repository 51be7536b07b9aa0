using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>The native library: its telemetry is off before it is loaded, and its own log goes nowhere.</summary>
internal static partial class OnnxRuntimeLibrary
{
    /// <summary>Highest version of the default operator set that ONNX Runtime 1.29 takes; a test holds it against the library.</summary>
    public const long OperatorSetMax = 26;

    /// <summary>The execution provider of the sessions made here.</summary>
    public const string CpuProvider = "CPUExecutionProvider";

    private static readonly Lock Gate = new();

    /// <summary>Loads the library if it is not loaded yet. Thread safe.</summary>
    public static void Load()
    {
        lock (Gate)
        {
            if (OrtEnv.IsCreated)
            {
                return;
            }

            // The library reads the environment of the process, which Environment.SetEnvironmentVariable does not change on Unix.
            if (SetEnvironmentVariable("ORT_DISABLE_TELEMETRY", "1", overwrite: 1) != 0)
            {
                throw new InvalidOperationException("ORT_DISABLE_TELEMETRY could not be set.");
            }

            // Every failure also comes back as an exception, and is logged where its context is known.
            var options = new EnvironmentCreationOptions
            {
                logId = "inference-runtime",
                logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            OrtEnv.CreateInstanceWithOptions(ref options).DisableTelemetryEvents();
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
