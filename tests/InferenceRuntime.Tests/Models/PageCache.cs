using System.Runtime.InteropServices;

namespace InferenceRuntime.Tests.Models;

/// <summary>What the system's page cache holds of a file.</summary>
internal static partial class PageCache
{
    private const int ReadOnly = 1;
    private const int Shared = 1;
    private const int DoNotNeed = 4;

    /// <summary>Pages of the file that are in memory, and all of them.</summary>
    public static (int Resident, int Pages) Of(string path)
    {
        using var file = File.OpenHandle(path);
        var length = (nuint)RandomAccess.GetLength(file);
        var pages = new byte[((int)length + Environment.SystemPageSize - 1) / Environment.SystemPageSize];
        var mapped = Map(0, length, ReadOnly, Shared, (int)file.DangerousGetHandle(), 0);
        Assert.NotEqual(-1, mapped);
        Assert.Equal(0, InCore(mapped, length, pages));
        Assert.Equal(0, Unmap(mapped, length));
        return (pages.Count(static page => (page & 1) == 1), pages.Length);
    }

    /// <summary>Asks the system to forget the file, which has been written to the disk.</summary>
    public static void Forget(string path)
    {
        using var file = File.OpenHandle(path, access: FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        Assert.Equal(0, Advise((int)file.DangerousGetHandle(), 0, 0, DoNotNeed));
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static partial int InCore(nint address, nuint length, [Out] byte[] pages);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(int file, nint offset, nint length, int advice);
}
