using System.Diagnostics.CodeAnalysis;
using System.Net;
using InferenceOperator.Local.Endpoint.Grpc;

namespace InferenceOperator.Local.Endpoint;

/// <summary>One replica as the endpoint sees it: its address, its idle connections, and how much it has to answer.</summary>
/// <remarks>
/// Thread safe. <see cref="TryAcquire"/> and <see cref="RetireAsync"/> exclude each other: after a retirement has begun no request
/// gets in, and it ends when the last one that was inside has left.
/// </remarks>
/// <param name="name">The replica's name.</param>
/// <param name="address">Where it listens for HTTP/1.1.</param>
/// <param name="grpc">Where it listens for gRPC; closed when the replica is retired.</param>
/// <param name="limits">The endpoint's limits.</param>
/// <param name="time">The clock.</param>
internal sealed class Upstream(string name, IPEndPoint address, GrpcChannel grpc, EndpointLimits limits, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Stack<UpstreamConnection> _idle = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _outstanding;
    private long _outUntil = long.MinValue;
    private volatile bool _retired;

    /// <summary>The replica's name.</summary>
    public string Name => name;

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => address;

    /// <summary>Its gRPC port.</summary>
    public GrpcChannel Grpc => grpc;

    /// <summary>Requests sent or about to be sent, and not yet answered.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>True while the replica gets no requests because it refused or broke a connection.</summary>
    public bool IsOut => Remaining > TimeSpan.Zero;

    /// <summary>How long it still gets none; zero or less when it does.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var until = Volatile.Read(ref _outUntil);
            return until == long.MinValue ? TimeSpan.Zero : time.GetElapsedTime(time.GetTimestamp(), until);
        }
    }

    /// <summary>Counts one request in; false when the replica is being retired. Each success needs one <see cref="Release"/>.</summary>
    public bool TryAcquire()
    {
        Interlocked.Increment(ref _outstanding);
        if (!_retired)
        {
            return true;
        }

        Release();
        return false;
    }

    /// <summary>Counts one request out.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _outstanding) == 0 && _retired)
        {
            End();
        }
    }

    /// <summary>An idle connection, the most recently used first.</summary>
    public bool TryRent([NotNullWhen(true)] out UpstreamConnection? connection)
    {
        lock (_gate)
        {
            return _idle.TryPop(out connection);
        }
    }

    /// <summary>A new connection.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody listens there.</exception>
    public ValueTask<UpstreamConnection> ConnectAsync(CancellationToken cancellationToken) =>
        UpstreamConnection.ConnectAsync(address, limits.SilenceMax, time, cancellationToken);

    /// <summary>Takes a connection back whose exchange has ended cleanly.</summary>
    public void Return(UpstreamConnection connection)
    {
        lock (_gate)
        {
            if (!_retired && _idle.Count < limits.IdleConnectionsMax)
            {
                _idle.Push(connection);
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>The replica refused or broke a connection: for a while it gets no requests, and its idle connections are closed.</summary>
    public void TakeOut()
    {
        var ticks = (long)(limits.TakenOutFor.TotalSeconds * time.TimestampFrequency);
        Volatile.Write(ref _outUntil, time.GetTimestamp() + ticks);
        CloseIdle();
    }

    /// <summary>The replica answered: it gets requests again.</summary>
    public void TakeBack()
    {
        if (Volatile.Read(ref _outUntil) != long.MinValue)
        {
            Volatile.Write(ref _outUntil, long.MinValue);
        }
    }

    /// <summary>Closes the idle connections; those in use end with their exchange.</summary>
    public void CloseIdle()
    {
        lock (_gate)
        {
            while (_idle.TryPop(out var connection))
            {
                connection.Dispose();
            }
        }
    }

    /// <summary>Lets no more requests in; completes when the last one inside has been answered. May be called again.</summary>
    public Task RetireAsync()
    {
        lock (_gate)
        {
            _retired = true;
        }

        Interlocked.MemoryBarrier();
        CloseIdle();
        if (Outstanding == 0)
        {
            End();
        }

        return _empty.Task;
    }

    // Retired, and nobody inside: no request can get in any more.
    private void End()
    {
        grpc.Dispose();
        _empty.TrySetResult();
    }
}
