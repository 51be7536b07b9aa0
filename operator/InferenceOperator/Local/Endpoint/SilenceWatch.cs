using System.Net.Sockets;

namespace InferenceOperator.Local.Endpoint;

/// <summary>Closes a socket on which the other side has been silent for too long while something was expected of it.</summary>
/// <remarks>
/// One slow timer for a connection's whole life, so that an expectation costs a reading of the clock and no timer: the end comes up to
/// an eighth of the limit late. <see cref="Begin"/> and <see cref="End"/> belong to the connection's owner; the timer runs on its own thread.
/// </remarks>
internal sealed class SilenceWatch : IDisposable
{
    private const long NotExpecting = long.MinValue;
    private const int LooksPerLimit = 8;

    private readonly Socket _socket;
    private readonly TimeSpan _most;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _since = NotExpecting;
    private volatile bool _hasEnded;

    /// <param name="socket">What is closed.</param>
    /// <param name="most">Longest silence, above zero.</param>
    /// <param name="time">The clock.</param>
    public SilenceWatch(Socket socket, TimeSpan most, TimeProvider time)
    {
        (_socket, _most, _time) = (socket, most, time);
        _timer = time.CreateTimer(static watch => ((SilenceWatch)watch!).Look(), this, most, most / LooksPerLimit); // It is given itself.
    }

    /// <summary>True when the socket was closed for silence.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Something is expected from now on.</summary>
    public void Begin() => Volatile.Write(ref _since, _time.GetTimestamp());

    /// <summary>It came.</summary>
    public void End() => Volatile.Write(ref _since, NotExpecting);

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var since = Volatile.Read(ref _since);
        if (since != NotExpecting && _time.GetElapsedTime(since) >= _most)
        {
            _hasEnded = true;
            _socket.Dispose();
        }
    }
}
