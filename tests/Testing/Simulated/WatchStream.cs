using System.Globalization;
using System.Text;

namespace InferenceOperator.Testing.Simulated;

/// <summary>What a watch says, as a body that does not end before its time: events of a selection, bookmarks, and what goes wrong.</summary>
/// <remarks>Events are told some time after they happened, as by a server whose caches lag. One reader; the rest from any thread.</remarks>
internal sealed class WatchStream : Stream
{
    private readonly Lock _gate = new();
    private readonly SimulatedApi _api;
    private readonly ApiType _type;
    private readonly Selection _selection;
    private readonly WatchHabits _habits;
    private readonly ITimer _delivery;
    private readonly ITimer _end;
    private readonly ITimer? _bookmarks;
    private readonly ITimer? _cut;
    private readonly Action _wake;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _unread = [];
    private int _read;
    private int _at;
    private int _visible;
    private long _told;
    private long _left;
    private bool _isArmed;
    private bool _bookmarkDue;
    private bool _hasEnded;
    private bool _isBroken;

    /// <param name="api">What it watches.</param>
    /// <param name="type">The collection.</param>
    /// <param name="selection">The objects.</param>
    /// <param name="after">The version after which it begins.</param>
    /// <param name="lasting">When the server ends it.</param>
    /// <param name="habits">How the server and the way to it behave.</param>
    /// <param name="time">The clock.</param>
    public WatchStream(SimulatedApi api, ApiType type, Selection selection, long after, TimeSpan lasting, WatchHabits habits, TimeProvider time)
    {
        (_api, _type, _selection, _habits, _told, _left) = (api, type, selection, habits, after, habits.CutAfterBytes ?? long.MaxValue);
        _at = _visible = api.PlaceAfter(after);
        _delivery = time.CreateTimer(_ => Show(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _end = time.CreateTimer(_ => End(), null, lasting, Timeout.InfiniteTimeSpan);
        _bookmarks = habits.BookmarksEvery is { } every ? time.CreateTimer(_ => Mark(), null, every, every) : null;
        _cut = habits.CutAfter is { } life ? time.CreateTimer(_ => Break(), null, life, Timeout.InfiniteTimeSpan) : null;
        _wake = Arm;
        api.AddWatcher(_wake);
        Arm();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The connection breaks: the reader hears of it as an error.</summary>
    public void Break()
    {
        lock (_gate)
        {
            _isBroken = true;
            _news.TrySetResult();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_isBroken || _left <= 0)
                {
                    throw new IOException("the watch was cut");
                }

                if (_read == _unread.Length)
                {
                    (_unread, _read) = (SayLocked(), 0);
                }

                if (_unread.Length > 0)
                {
                    var count = (int)Math.Min(Math.Min(buffer.Length, _unread.Length - _read), _left);
                    _unread.AsMemory(_read, count).CopyTo(buffer);
                    (_read, _left) = (_read + count, _left - count);
                    return count;
                }

                if (_hasEnded)
                {
                    return 0;
                }

                _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
                news = _news.Task;
            }

            await news.WaitAsync(cancellationToken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _api.RemoveWatcher(_wake);
            _delivery.Dispose();
            _end.Dispose();
            _bookmarks?.Dispose();
            _cut?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Arm()
    {
        var lag = _habits.Lag();
        if (lag <= TimeSpan.Zero)
        {
            Show();
            return;
        }

        lock (_gate)
        {
            if (_isArmed)
            {
                return;
            }

            _isArmed = true;
        }

        _delivery.Change(lag, Timeout.InfiniteTimeSpan);
    }

    private void Show()
    {
        var end = _api.End().Place;
        lock (_gate)
        {
            _isArmed = false;
            _visible = Math.Max(_visible, end);
            _news.TrySetResult();
        }
    }

    private void Mark()
    {
        lock (_gate)
        {
            _bookmarkDue = true;
            _news.TrySetResult();
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            _news.TrySetResult();
        }
    }

    private byte[] SayLocked()
    {
        using var said = new MemoryStream();
        foreach (var news in _api.History(_at, _visible))
        {
            _told = news.Version;
            if (news.Key.Type != _type)
            {
                continue;
            }

            var (was, isNow) = (_selection.Has(news.Before?.Value), !news.IsRemoval && _selection.Has(news.After.Value));
            var sort = (was, isNow) switch { (false, true) => "ADDED", (true, true) => "MODIFIED", (true, false) => "DELETED", _ => null };
            for (var times = sort is null ? 0 : _habits.Repeats() ? 2 : 1; times > 0; times--)
            {
                said.Write(Encoding.UTF8.GetBytes($$"""{"type":"{{sort}}","object":"""));
                said.Write(news.After.Json.Span);
                said.Write("}\n"u8);
            }
        }

        _at = _visible;
        if (_bookmarkDue)
        {
            _bookmarkDue = false;
            var version = _told.ToString(CultureInfo.InvariantCulture);
            said.Write(Encoding.UTF8.GetBytes($$$"""{"type":"BOOKMARK","object":{"apiVersion":"{{{_type.ApiVersion}}}","kind":"{{{_type.Kind}}}","metadata":{"resourceVersion":"{{{version}}}"} } }""" + "\n"));
        }

        return said.ToArray();
    }
}
