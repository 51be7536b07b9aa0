using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace InferenceRuntime.Transport;

/// <summary>
/// Asks connections to go: each when it is old, so that replicas which come later get their share behind a layer-4 service, and
/// all of them when the replica leaves. Nothing in flight is cut. Thread safe.
/// </summary>
/// <remarks>
/// Asked over HTTP/2, the client gets a GOAWAY, its streams are served to their end, and then the connection closes; over HTTP/1.1 the
/// next reply carries <c>Connection: close</c>, and an idle connection closes.
/// </remarks>
/// <param name="ageMax">Mean age at which a connection is asked; zero for never.</param>
/// <param name="clock">Time.</param>
internal sealed class ConnectionAge(TimeSpan ageMax, TimeProvider clock)
{
    /// <summary>Ages are spread by this share to both sides, so that clients which came together do not return together.</summary>
    public const double Spread = 0.1;

    /// <summary>Age of connections that come while the replica leaves: long enough for a request, short enough to look elsewhere.</summary>
    public static readonly TimeSpan LeavingAge = TimeSpan.FromSeconds(1);

    /// <summary>Steps of this size cover an interval evenly however many there are (the golden ratio's fraction).</summary>
    private const double Step = 0.618_033_988_749_894_9;

    private readonly ConcurrentDictionary<ConnectionContext, byte> _open = [];
    private long _accepted;
    private volatile bool _leaving;

    /// <summary>Connections that are open now.</summary>
    public int Open => _open.Count;

    /// <summary>Asks every connection to go, and each that comes from now on after <see cref="LeavingAge"/>.</summary>
    public void SendAllAway()
    {
        _leaving = true;
        foreach (var connection in _open.Keys)
        {
            Ask(connection);
        }
    }

    /// <summary>A step of the connection pipeline that lets every connection grow old.</summary>
    public ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        _open.TryAdd(connection, 0);
        var age = _leaving ? LeavingAge : NextAge();
        var timer = age == TimeSpan.Zero ? null : clock.CreateTimer(static c => Ask((ConnectionContext)c!), connection, age, Timeout.InfiniteTimeSpan);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            if (timer is not null)
            {
                await timer.DisposeAsync().ConfigureAwait(false);
            }

            _open.TryRemove(connection, out _);
        }
    };

    /// <summary>
    /// When a connection of HTTP/1.1 that begins now is old; <see cref="long.MaxValue"/> for never. The reply after that says so. Closing it
    /// while it is idle would meet a request that is on its way, and clients do not send those again.
    /// </summary>
    /// <param name="now">Timestamp of the clock.</param>
    public long EndOf(long now)
    {
        var age = NextAge();
        return age == TimeSpan.Zero ? long.MaxValue : now + (long)(age.TotalSeconds * clock.TimestampFrequency);
    }

    private static void Ask(ConnectionContext connection) =>
        connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();

    private TimeSpan NextAge()
    {
        var place = Interlocked.Increment(ref _accepted) * Step % 1;
        return ageMax * (1 - Spread + (2 * Spread * place));
    }
}
