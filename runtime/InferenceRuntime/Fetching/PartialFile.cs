using System.Security.Cryptography;

namespace InferenceRuntime.Fetching;

/// <summary>A file that is being brought: written from its first byte on, and hashed as it grows.</summary>
/// <remarks>Nobody serves it; it gets its name elsewhere once it is complete and on the disk. One owner, one thread at a time.</remarks>
internal sealed class PartialFile : IAsyncDisposable
{
    private const int ChunkBytes = 1 << 20;

    private readonly FileStream _file;
    private IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private PartialFile(FileStream file) => _file = file;

    /// <summary>Bytes that are there.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that an earlier process had left; 0 once they were thrown away.</summary>
    public long Inherited { get; private set; }

    /// <summary>Opens the file, with what an earlier process left of it.</summary>
    /// <exception cref="IOException">It cannot be used: another process has it, or a link or folder is there.</exception>
    public static async Task<PartialFile> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (new FileInfo(path) is { Exists: true, LinkTarget: not null })
        {
            throw new IOException($"{path} is a link");
        }

        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        var partial = new PartialFile(file);
        try
        {
            await partial.ReadWhatIsThereAsync(cancellationToken).ConfigureAwait(false);
            return partial;
        }
        catch
        {
            await partial.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await RandomAccess.WriteAsync(_file.SafeFileHandle, bytes, Length, cancellationToken).ConfigureAwait(false);
        _hash.AppendData(bytes.Span);
        Length += bytes.Length;
    }

    /// <summary>Throws away what is there.</summary>
    public void StartOver()
    {
        _file.SetLength(0);
        _hash.Dispose();
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Length = 0;
        Inherited = 0;
    }

    /// <summary>Forces it to the disk, and gives the SHA-256 of what was written, lower-case hexadecimal.</summary>
    public string Complete()
    {
        _file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

    public async ValueTask DisposeAsync()
    {
        _hash.Dispose();
        await _file.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReadWhatIsThereAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[ChunkBytes];
        int count;
        while ((count = await RandomAccess.ReadAsync(_file.SafeFileHandle, buffer, Length, cancellationToken).ConfigureAwait(false)) > 0)
        {
            _hash.AppendData(buffer.AsSpan(0, count));
            Length += count;
        }

        Inherited = Length;
    }
}
