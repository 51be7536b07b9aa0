using System.Collections.Immutable;

namespace InferenceRuntime.Execution.Devices;

/// <summary>A GPU as the driver describes it.</summary>
/// <param name="Index">Its place in the driver's order, from 0.</param>
/// <param name="Uuid">For example <c>GPU-8a6f2d4e-…</c>.</param>
/// <param name="Name">For example <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="ComputeCapability">Major and minor, for example <c>9.0</c>.</param>
/// <param name="MemoryBytes">All of its memory.</param>
/// <param name="FreeBytes">What nobody has taken, when it was asked.</param>
/// <param name="Slices">What it is divided into; null when it is whole, empty when it is to be divided and is not yet.</param>
internal sealed record GpuDevice(
    int Index, string Uuid, string Name, string ComputeCapability, long MemoryBytes, long FreeBytes, ImmutableArray<MigSlice>? Slices);
