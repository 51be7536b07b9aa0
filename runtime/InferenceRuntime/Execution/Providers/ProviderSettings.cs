using System.Globalization;

namespace InferenceRuntime.Execution.Providers;

/// <summary>What is said to ONNX Runtime's providers. Pure functions.</summary>
/// <remarks>
/// Keys: https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html and
/// https://onnxruntime.ai/docs/execution-providers/TensorRT-ExecutionProvider.html.
/// </remarks>
internal static class ProviderSettings
{
    /// <summary>For CUDA.</summary>
    /// <param name="device">CUDA's number of the device.</param>
    /// <param name="memoryBytesMax">Most that the arena may take; null: all of the device's memory.</param>
    public static Dictionary<string, string> Cuda(int device, long? memoryBytesMax)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["device_id"] = Text(device),

            // Doubling what is taken each time would leave other instances of the device without.
            ["arena_extend_strategy"] = "kSameAsRequested",

            // Trying all algorithms takes seconds and much memory for each new shape, and batches come in many.
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["do_copy_in_default_stream"] = "1",
        };
        if (memoryBytesMax is { } most)
        {
            settings["gpu_mem_limit"] = Text(most);
        }

        return settings;
    }

    /// <summary>For TensorRT.</summary>
    /// <param name="device">CUDA's number of the device.</param>
    /// <param name="memoryBytesMax">Most that one engine may take for its work; null: all of the device's memory.</param>
    /// <param name="engines">Folder of this model's engines; null: they are built at each start.</param>
    /// <param name="timings">Folder of timings, which all models share; null exactly when there are no engines.</param>
    /// <param name="shapes">The shapes that engines are built for; null: those that come.</param>
    /// <param name="isQuantized">Whether the model carries QuantizeLinear and DequantizeLinear, which ask for int8 kernels.</param>
    public static Dictionary<string, string> TensorRt(int device, long? memoryBytesMax, string? engines, string? timings, ShapeProfile? shapes, bool isQuantized)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["device_id"] = Text(device) };
        if (memoryBytesMax is { } most)
        {
            settings["trt_max_workspace_size"] = Text(most);
        }

        if (engines is not null && timings is not null)
        {
            settings["trt_engine_cache_enable"] = "1";
            settings["trt_engine_cache_path"] = engines;
            settings["trt_timing_cache_enable"] = "1";
            settings["trt_timing_cache_path"] = timings;
        }

        if (shapes is not null)
        {
            settings["trt_profile_min_shapes"] = shapes.Least;
            settings["trt_profile_opt_shapes"] = shapes.Usual;
            settings["trt_profile_max_shapes"] = shapes.Most;
        }

        if (isQuantized)
        {
            settings["trt_int8_enable"] = "1";
        }

        return settings;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
