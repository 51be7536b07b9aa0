using System.Globalization;
using InferenceRuntime.Execution.Devices;

namespace InferenceRuntime.Execution.Providers;

/// <summary>Chooses by what a model runs on this machine, and holds what comes of it against what was asked for.</summary>
internal static class AcceleratorChoice
{
    /// <summary>Looks at the machine and chooses. Where the processor is asked for, nothing else is looked at.</summary>
    public static ProviderChoice Of(AcceleratorOptions options, EngineCache engines)
    {
        var reading = options.Wish is ProviderWish.Demanded { Provider: ExecutionProvider.Cpu } ? new DeviceReading.None("not asked for") : options.Devices.Read();

        // CUDA's libraries are large: they are not loaded for nothing.
        var isLookedFor = reading is DeviceReading.Found { Devices.IsEmpty: false } || options.Wish is ProviderWish.Demanded { Provider: not ExecutionProvider.Cpu };
        var scene = AcceleratorScene.Of(
            reading,
            Environment.GetEnvironmentVariable(VisibleDevices.ContainerVariable),
            Environment.GetEnvironmentVariable(VisibleDevices.CudaVariable),
            isLookedFor ? ProviderLibraries.Read(options.Libraries) : new(null, null));
        return ProviderSelection.Choose(options.Wish, scene, engines.HasEngines);
    }

    /// <summary>Why the model is not even loaded; null: it is.</summary>
    /// <param name="choice">By what it would run.</param>
    /// <param name="options">What to load.</param>
    /// <param name="weights">Bytes of its weights.</param>
    public static string? Objection(ProviderChoice choice, EngineOptions options, long weights) => choice switch
    {
        ProviderChoice.Refused refused => refused.Reason,
        ProviderChoice.Cpu cpu when options.Accelerator.TimeShareMin is > 0 and { } least => $"none of its time would be on an accelerator, and {Percent(least)} is asked for: {cpu.Reason}",
        ProviderChoice.Cpu => null,
        ProviderChoice.Cuda cuda => DeviceMemory.Objection(weights, options.Instances, options.Accelerator.MemoryBytesMax, cuda.Devices),
        ProviderChoice.TensorRt tensorRt => DeviceMemory.Objection(weights, options.Instances, options.Accelerator.MemoryBytesMax, tensorRt.Devices),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Why a model that was warmed is not served: less of its time was on the accelerator than is asked for; null: it is.</summary>
    /// <param name="reading">What its warm-up showed.</param>
    /// <param name="least">Share that is asked for, 0 to 1; null: none.</param>
    public static string? TooLittle(PlacementReading reading, double? least)
    {
        if (least is not { } share || reading.Placement.TimeShare >= share)
        {
            return null;
        }

        return reading.Placement is { TimeShare: { } time, NodeShare: { } nodes }
            ? $"{Percent(time)} of its time and {Percent(nodes)} of its nodes are on the accelerator ({reading.Placement.Provider}), and {Percent(share)} of its time is asked for; "
                + $"operators on the CPU: {(reading.OnProcessor.IsEmpty ? "none" : string.Join(", ", reading.OnProcessor))}"
            : $"how much of its time is on the accelerator could not be measured, and {Percent(share)} is asked for";
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");
}
