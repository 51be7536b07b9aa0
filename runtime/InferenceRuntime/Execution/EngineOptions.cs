using InferenceRuntime.Contract;
using InferenceRuntime.Execution.Providers;

namespace InferenceRuntime.Execution;

/// <summary>What to load and how to run it.</summary>
internal sealed record EngineOptions
{
    /// <summary>Most <see cref="Instances"/>.</summary>
    public const int InstancesMax = 256;

    /// <summary>Most <see cref="Threads"/>.</summary>
    public const int ThreadsMax = 1024;

    /// <summary>Path of the ONNX file; external data lies beside it.</summary>
    public required string ModelPath { get; init; }

    /// <summary>SHA-256 that the file must have, 64 hexadecimal digits of either case; null when it is not pinned.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Folders, absolute and without links, in one of which the model's files have to lie once all links are followed; null: anywhere.</summary>
    public IReadOnlyList<string>? Roots { get; init; }

    /// <summary>Name the model is served under.</summary>
    public required string Name { get; init; }

    /// <summary>Version it is served under, a positive decimal number.</summary>
    public string Version { get; init; } = "1";

    /// <summary>Threads of all executions together, 1 to 1,024; null: the whole processors of the quota this process has.</summary>
    public int? Threads { get; init; }

    /// <summary>Executions that may run at the same time, 1 to 256. Default 1.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>By what to run it.</summary>
    public AcceleratorOptions Accelerator { get; init; } = new();

    /// <summary>The settings to start with; validated by the caller.</summary>
    public RuntimeSettings Settings { get; init; } = new();

    /// <summary>Longest that warm-up runs may take. Default 3 s; zero: only the probe that checks the batch axis.</summary>
    public TimeSpan WarmUpMax { get; init; } = TimeSpan.FromSeconds(3);
}
