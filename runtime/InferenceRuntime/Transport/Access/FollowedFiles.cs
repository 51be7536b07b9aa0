using System.Security.Cryptography;

namespace InferenceRuntime.Transport.Access;

/// <summary>A value made of mounted files, made anew when their content changes. Thread safe.</summary>
/// <remarks>
/// Looked at when the value is asked for, and not more often than <see cref="Interval"/>. The content is compared, not the time of change: a
/// Secret is mounted through symbolic links that are swapped. Files that cannot be read, or that nothing can be made of, leave
/// the last good value: a certificate and its key are not replaced in one step.
/// </remarks>
internal sealed partial class FollowedFiles<T>
    where T : class
{
    /// <summary>Least time between two looks at the files.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Longest file, bytes.</summary>
    private const int LengthMax = 1 << 20;

    private readonly IReadOnlyList<string> _paths;
    private readonly string _names;
    private readonly Func<IReadOnlyList<byte[]>, T> _make;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private T _value;
    private byte[] _seen;
    private long _lookedAt;
    private int _looking;

    /// <param name="paths">The files.</param>
    /// <param name="make">Makes the value of their contents, in the same order; throws <see cref="CryptographicException"/> or <see cref="InvalidDataException"/> when it cannot.</param>
    /// <param name="clock">Paces the looks.</param>
    /// <param name="logger">Where bad files are reported.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="InvalidDataException">The files are bad.</exception>
    /// <exception cref="CryptographicException">The files are bad.</exception>
    public FollowedFiles(IReadOnlyList<string> paths, Func<IReadOnlyList<byte[]>, T> make, TimeProvider clock, ILogger logger)
    {
        (_paths, _make, _clock, _logger) = (paths, make, clock, logger);
        _names = string.Join(", ", paths);
        var contents = Read();
        _value = make(contents);
        _seen = Hash(contents);
        _lookedAt = clock.GetTimestamp();
    }

    /// <summary>The value of the files as they are now, or were at most <see cref="Interval"/> ago.</summary>
    public T Current
    {
        get
        {
            if (_clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= Interval && Interlocked.Exchange(ref _looking, 1) == 0)
            {
                Look();
                Volatile.Write(ref _lookedAt, _clock.GetTimestamp());
                Volatile.Write(ref _looking, 0);
            }

            return Volatile.Read(ref _value);
        }
    }

    /// <summary>One thread at a time, the one that set <c>_looking</c>.</summary>
    private void Look()
    {
        try
        {
            var contents = Read();
            var hash = Hash(contents);
            if (hash.AsSpan().SequenceEqual(_seen))
            {
                return;
            }

            // Bad content is reported once, not at each look.
            _seen = hash;
            Volatile.Write(ref _value, _make(contents));
            LogTaken(_names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException)
        {
            LogKept(_names, e.Message);
        }
    }

    private List<byte[]> Read()
    {
        var contents = new List<byte[]>(_paths.Count);
        foreach (var path in _paths)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > LengthMax)
            {
                throw new InvalidDataException($"{path} is longer than {LengthMax} bytes");
            }

            var content = new byte[file.Length];
            contents.Add(content[..file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)]);
        }

        return contents;
    }

    private static byte[] Hash(List<byte[]> contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var content in contents)
        {
            hash.AppendData(SHA256.HashData(content));
        }

        return hash.GetHashAndReset();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Taken over: {Files}")]
    private partial void LogTaken(string files);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not taken over, what was read before stays in force: {Files}: {Reason}")]
    private partial void LogKept(string files, string reason);
}
