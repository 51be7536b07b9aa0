using System.Runtime.InteropServices;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>The free memory that the C library's allocator keeps.</summary>
internal static partial class AllocatorMemory
{
    /// <summary>Gives whole free pages back to the system.</summary>
    public static void Trim() => _ = MallocTrim(0);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
