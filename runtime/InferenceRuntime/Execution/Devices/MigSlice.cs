namespace InferenceRuntime.Execution.Devices;

/// <summary>A part of a GPU that is divided (multi-instance GPU).</summary>
/// <param name="Uuid">For example <c>MIG-1b2c3d4e-…</c>.</param>
/// <param name="Name">For example <c>NVIDIA A100-SXM4-40GB MIG 1g.5gb</c>.</param>
/// <param name="MemoryBytes">All of its memory.</param>
/// <param name="FreeBytes">What nobody has taken, when it was asked.</param>
internal sealed record MigSlice(string Uuid, string Name, long MemoryBytes, long FreeBytes);
