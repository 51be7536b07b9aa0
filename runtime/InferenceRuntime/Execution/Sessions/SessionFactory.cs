using System.Globalization;
using InferenceRuntime.Execution.Processors;
using InferenceRuntime.Onnx;
using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Makes sessions with this program's options.</summary>
internal static class SessionFactory
{
    // Folding constants may not blow a small file up to more than this.
    private const long FoldedConstantBytesMax = 64L << 20;

    /// <summary>Creates a session.</summary>
    /// <param name="model">The bytes of the model file.</param>
    /// <param name="folder">Where its external data lies.</param>
    /// <param name="plan">Threads.</param>
    /// <param name="summary">What the file's check found.</param>
    /// <param name="place">Where it runs.</param>
    /// <param name="profile">Prefix of the file that its runs are profiled to; null: they are not.</param>
    /// <exception cref="OnnxRuntimeException">The model cannot be loaded.</exception>
    public static SharedSession Create(byte[] model, string folder, ThreadPlan plan, OnnxSummary summary, SessionPlace place, string? profile)
    {
        OnnxRuntimeLibrary.Load();
        using var options = new SessionOptions
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = plan.ThreadsPerRun,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,

            // A pattern is kept for each combination of input shapes: only where their number is bounded by the batch sizes.
            EnableMemoryPattern = !VariesBesideAxis0(summary),
        };
        options.AddSessionConfigEntry("session.set_denormal_as_zero", "1");
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", plan.Spin ? "1" : "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        options.AddSessionConfigEntry(
            "optimization.constant_folding_max_output_size_in_bytes", FoldedConstantBytesMax.ToString(CultureInfo.InvariantCulture));
        if (!summary.ExternalFiles.IsEmpty)
        {
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
        }

        if (place is SessionPlace.Gpu gpu)
        {
            Append(options, gpu);
        }

        if (profile is not null)
        {
            options.ProfileOutputPathPrefix = profile;
            options.EnableProfiling = true;
        }

        return new SharedSession(new InferenceSession(model, options), place);
    }

    // ONNX Runtime gives each node to the first of its providers that takes it, and to the processor's last of all.
    private static void Append(SessionOptions options, SessionPlace.Gpu gpu)
    {
        if (gpu.TensorRt is { } settings)
        {
            using var tensorRt = new OrtTensorRTProviderOptions();
            tensorRt.UpdateOptions(settings);
            options.AppendExecutionProvider_Tensorrt(tensorRt);
        }

        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(gpu.Cuda);
        options.AppendExecutionProvider_CUDA(cuda);
    }

    private static bool VariesBesideAxis0(OnnxSummary summary) =>
        summary.Inputs.Any(input => input.Shape is not { } shape || shape.Skip(1).Any(dimension => dimension.Length < 0));
}
