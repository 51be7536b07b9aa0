namespace InferenceRuntime.Core.Caching;

/// <summary>What objects take in memory, on a 64-bit runtime.</summary>
public static class HeldBytes
{
    /// <summary>Header and method table of an object.</summary>
    public const int ObjectHeader = 16;

    private const int ArrayHeader = 24;
    private const int Alignment = 8;

    /// <summary>An array with this many bytes of elements; 0 for one without.</summary>
    public static long Array(long bytes) => bytes == 0 ? 0 : ArrayHeader + ((bytes + Alignment - 1) / Alignment * Alignment);
}
