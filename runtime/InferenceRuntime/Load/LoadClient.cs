using System.Net.Sockets;

namespace InferenceRuntime.Load;

/// <summary>One connection that sends one request at a time and says what became of it.</summary>
/// <param name="options">The load.</param>
/// <param name="connection">Its connection; the client disposes it.</param>
/// <param name="clock">Time.</param>
internal sealed class LoadClient(LoadOptions options, ILoadConnection connection, TimeProvider clock) : IDisposable
{
    private byte[] _own = [];
    private long _startedAt;   // 0 while idle; read by the thread that looks for overdue requests

    /// <summary>Sends request <paramref name="index"/> and counts it in <paramref name="tally"/>.</summary>
    /// <param name="index">Which request; they are sent in turn.</param>
    /// <param name="due">Timestamp from which its latency counts.</param>
    /// <param name="tally">Where to count; null during warm-up.</param>
    /// <param name="second">Counts of the present second; the same requests, warm-up too.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public async Task SendAsync(long index, long due, LoadTally? tally, LoadTally second, CancellationToken cancellationToken)
    {
        var which = (int)(index % options.Requests.Count);
        Volatile.Write(ref _startedAt, clock.GetTimestamp());
        try
        {
            var reply = await connection.ExchangeAsync(Request(which, index), cancellationToken);
            var latency = clock.GetElapsedTime(due);
            if (reply.Status != 200)
            {
                tally?.CountRefused(reply.Status);
                second.CountRefused(reply.Status);
                return;
            }

            var right = IsRight(which, reply);
            var withinSlo = latency <= options.Slo;
            tally?.CountAnswered(latency, right, withinSlo);
            second.CountAnswered(latency, right, withinSlo);
        }
        catch (Exception fault) when (fault is IOException or SocketException or ObjectDisposedException)
        {
            tally?.CountLost();
            second.CountLost();
        }
        finally
        {
            Volatile.Write(ref _startedAt, 0);
        }
    }

    /// <summary>Breaks the connection when its request has waited longer than the time limit.</summary>
    public void AbortWhenOverdue()
    {
        var startedAt = Volatile.Read(ref _startedAt);
        if (startedAt != 0 && clock.GetElapsedTime(startedAt) > options.Timeout)
        {
            connection.Abort();
        }
    }

    public void Dispose() => connection.Dispose();

    private ReadOnlyMemory<byte> Request(int which, long index)
    {
        if (options.Distinct is not { } distinct)
        {
            return options.Requests[which];
        }

        // Other clients send the same one meanwhile: it is changed in a copy.
        var request = options.Requests[which];
        if (_own.Length < request.Length)
        {
            _own = new byte[request.Length];
        }

        request.CopyTo(_own, 0);
        distinct.Write(index, _own.AsSpan(0, request.Length));
        return _own.AsMemory(0, request.Length);
    }

    private bool IsRight(int which, HttpReply reply)
    {
        if (options.Expected is null)
        {
            return true;
        }

        return reply.JsonLength >= 0
            && reply.JsonLength <= reply.Body.Length
            && options.Expected.Match(which * options.Rows, options.Rows, reply.Body.Span[reply.JsonLength..]);
    }
}
