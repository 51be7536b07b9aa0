using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>The native library: its telemetry is off before it is loaded, and its own log goes nowhere.</summary>
internal static class OnnxRuntimeLibrary
{
    /// <summary>Highest version of the default operator set that ONNX Runtime 1.29 takes; a test holds it against the library.</summary>
    public const long OperatorSetMax = 26;

    /// <summary>ONNX Runtime's name of the processor among its execution providers.</summary>
    public const string CpuProvider = "CPUExecutionProvider";

    /// <summary>Its name of CUDA.</summary>
    public const string CudaProvider = "CUDAExecutionProvider";

    /// <summary>Its name of TensorRT.</summary>
    public const string TensorRtProvider = "TensorrtExecutionProvider";

    private static readonly Lock Gate = new();

    /// <summary>The providers that the library was built with, whether or not what they need is there.</summary>
    public static IReadOnlyCollection<string> Providers()
    {
        Load();
        return OrtEnv.Instance().GetAvailableProviders();
    }

    /// <summary>Loads the library if it is not loaded yet. Thread safe.</summary>
    public static void Load()
    {
        lock (Gate)
        {
            if (OrtEnv.IsCreated)
            {
                return;
            }

            ProcessEnvironment.Set("ORT_DISABLE_TELEMETRY", "1");

            // Every failure also comes back as an exception, and is logged where its context is known.
            var options = new EnvironmentCreationOptions
            {
                logId = "inference-runtime",
                logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            OrtEnv.CreateInstanceWithOptions(ref options).DisableTelemetryEvents();
        }
    }
}
