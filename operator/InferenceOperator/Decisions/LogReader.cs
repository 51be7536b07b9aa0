using System.Runtime.CompilerServices;

namespace InferenceOperator.Decisions;

/// <summary>Reads a decision log line by line, of any length, in bounded memory. Empty lines are passed over.</summary>
/// <param name="stream">Read to its end; not disposed.</param>
internal sealed class LogReader(Stream stream)
{
    /// <summary>Most bytes of a line; records are some thousands long.</summary>
    public const int LineBytesMax = 1 << 20;

    private const byte LineFeed = (byte)'\n';

    private readonly byte[] _buffer = new byte[LineBytesMax + 1];
    private int _length;
    private long _number;
    private bool _skips;

    /// <summary>All lines, the last one also without a line feed at its end.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async IAsyncEnumerable<LogLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            _length += read;
            foreach (var line in Take())
            {
                yield return line;
            }
        }

        if (_length > 0 && !_skips)
        {
            yield return new LogLine(_number + 1, _buffer.AsMemory(0, _length).ToArray(), IsWhole: true);
        }
    }

    /// <summary>Takes the lines that are there off the buffer.</summary>
    private List<LogLine> Take()
    {
        var lines = new List<LogLine>();
        var from = 0;
        for (int end; (end = _buffer.AsSpan(from, _length - from).IndexOf(LineFeed)) >= 0; from += end + 1)
        {
            _number++;
            if (end > 0 && !_skips)
            {
                lines.Add(new LogLine(_number, _buffer.AsMemory(from, end).ToArray(), IsWhole: true));
            }

            _skips = false;
        }

        _buffer.AsSpan(from, _length - from).CopyTo(_buffer);
        _length -= from;
        if (_length == _buffer.Length)
        {
            if (!_skips)
            {
                lines.Add(new LogLine(_number + 1, _buffer.AsMemory(0, LineBytesMax).ToArray(), IsWhole: false));
            }

            (_length, _skips) = (0, true);
        }

        return lines;
    }
}
