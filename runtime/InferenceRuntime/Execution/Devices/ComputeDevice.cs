namespace InferenceRuntime.Execution.Devices;

/// <summary>What one session can run on: a whole GPU, or a part of one that is divided.</summary>
/// <param name="Uuid">The driver's name of it, by which CUDA is told to use it.</param>
/// <param name="Name">For people.</param>
/// <param name="ComputeCapability">Major and minor.</param>
/// <param name="MemoryBytes">All of its memory.</param>
/// <param name="FreeBytes">What nobody has taken, when it was asked.</param>
internal sealed record ComputeDevice(string Uuid, string Name, string ComputeCapability, long MemoryBytes, long FreeBytes)
{
    /// <summary>Whether it is a part of a GPU that is divided.</summary>
    public bool IsPart => Uuid.StartsWith("MIG-", StringComparison.Ordinal);
}
