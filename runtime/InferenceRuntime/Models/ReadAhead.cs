using System.Buffers;

namespace InferenceRuntime.Models;

/// <summary>Reads files at a bounded rate and keeps nothing, so that the system's page cache has them.</summary>
/// <param name="bytesPerSecond">At least 1.</param>
/// <param name="clock">Paces the reading.</param>
internal sealed class ReadAhead(long bytesPerSecond, TimeProvider clock)
{
    /// <summary>Bytes that are read at once.</summary>
    public const int ChunkBytes = 1 << 20;

    // Shorter waits are not worth a timer: they add up.
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);

    /// <summary>The files of a version and their lengths: its model first, then what lies beside it, in order; folders below are left out.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public static IReadOnlyList<(string Path, long Bytes)> Files(ModelVersion version) =>
    [
        .. new DirectoryInfo(Path.GetDirectoryName(version.Path)!).EnumerateFiles() // A file's path.
            .Take(ModelFolders.EntriesMax)
            .OrderBy(file => file.FullName != version.Path).ThenBy(static file => file.Name, StringComparer.Ordinal)
            .Select(static file => (file.FullName, (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).Length))
            .Where(static file => file.Length > 0), // Pipes have none, too.
    ];

    /// <summary>Reads the files from their beginnings, as long as they were said to be and no longer.</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public async Task<long> ReadAsync(IReadOnlyList<(string Path, long Bytes)> files, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        var startedAt = clock.GetTimestamp();
        var read = 0L;
        try
        {
            foreach (var (path, bytes) in files)
            {
                using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
                for (var at = 0L; at < bytes;)
                {
                    var chunk = buffer.AsMemory(0, (int)Math.Min(ChunkBytes, bytes - at));
                    var length = await RandomAccess.ReadAsync(handle, chunk, at, cancellationToken).ConfigureAwait(false);
                    if (length == 0)
                    {
                        break;
                    }

                    at += length;
                    read += length;
                    var early = TimeSpan.FromSeconds((double)read / bytesPerSecond) - clock.GetElapsedTime(startedAt);
                    if (early >= WaitMin)
                    {
                        await Task.Delay(early, clock, cancellationToken).ConfigureAwait(false);
                    }
                }
            }

            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
