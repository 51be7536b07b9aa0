namespace InferenceOperator.Files;

/// <summary>A text file that never exceeds a size: when it is full it becomes <c>NAME.1</c>, what was that becomes <c>NAME.2</c>, and the oldest goes.</summary>
/// <remarks>
/// Thread safe. Lines are written at once; a line that cannot be written (disk full) is dropped and counted. What an earlier writer
/// left without a line feed because it was stopped stays a line of its own.
/// </remarks>
internal sealed class RollingFile : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly long _bytesMax;
    private readonly int _olderMax;
    private FileStream _stream;
    private long _dropped;

    /// <param name="path">The newest file; its folder must exist.</param>
    /// <param name="bytesMax">Bytes of one file, at least 1; a single longer line still gets a file of its own.</param>
    /// <param name="olderMax">Older files that are kept, at least 1.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public RollingFile(string path, long bytesMax, int olderMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(olderMax);
        _path = path;
        _bytesMax = bytesMax;
        _olderMax = olderMax;
        _stream = Open();
        EndCutLine();
    }

    /// <summary>Lines that could not be written.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Appends one line.</summary>
    /// <param name="line">UTF-8, without the line feed.</param>
    public void Append(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            try
            {
                if (_stream.Length > 0 && _stream.Length + line.Length + 1 > _bytesMax)
                {
                    RollLocked();
                }

                _stream.Write(line);
                _stream.WriteByte((byte)'\n');
                _stream.Flush();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                _dropped++;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stream.Dispose();
        }
    }

    private void EndCutLine()
    {
        if (_stream.Length == 0)
        {
            return;
        }

        using var written = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        written.Seek(-1, SeekOrigin.End);
        if (written.ReadByte() != '\n')
        {
            _stream.WriteByte((byte)'\n');
            _stream.Flush();
        }
    }

    private void RollLocked()
    {
        _stream.Dispose();
        for (var i = _olderMax - 1; i >= 1; i--)
        {
            if (File.Exists($"{_path}.{i}"))
            {
                File.Move($"{_path}.{i}", $"{_path}.{i + 1}", overwrite: true);
            }
        }

        File.Move(_path, $"{_path}.1", overwrite: true);
        _stream = Open();
    }

    private FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
}
