using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace InferenceOperator.Local.Endpoint;

/// <summary>One HTTP/1.1 connection to a replica, one exchange at a time.</summary>
/// <remarks>
/// Owns its socket and one receive buffer for as long as it lives. After an exception the connection is of no more use and
/// must be disposed. Not thread safe: it has one owner at a time. A replica that is silent for too long while something is
/// expected of it loses the connection, which the owner sees as an exception and <see cref="FellSilent"/>. Why not the framework's client: docs/decisions/0005.
/// </remarks>
internal sealed class UpstreamConnection : IDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly Socket _socket;
    private readonly SilenceWatch _silence;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;

    private UpstreamConnection(Socket socket, SilenceWatch silence)
    {
        _socket = socket;
        _silence = silence;
    }

    /// <summary>True when an exchange has already ended on this connection: the other side may have closed it since.</summary>
    public bool IsReused { get; private set; }

    /// <summary>True when bytes of the present exchange's reply have come.</summary>
    public bool ReplyBegun { get; private set; }

    /// <summary>True when the replica was silent for too long; the connection is closed.</summary>
    public bool FellSilent => _silence.HasEnded;

    /// <summary>True when everything received has been read; bytes after a reply's end mean that the connection is out of step.</summary>
    public bool IsInStep => _start == _end;

    /// <summary>The head of the reply, as received; valid from <see cref="ReadHeadAsync"/> until the body is copied.</summary>
    public ReadOnlySpan<byte> Head(in ReplyHead head) => _buffer.AsSpan(_start, head.HeadBytes);

    /// <param name="address">Where the replica listens.</param>
    /// <param name="silenceMax">Longest that it may be silent while something is expected of it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async ValueTask<UpstreamConnection> ConnectAsync(IPEndPoint address, TimeSpan silenceMax, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var silence = new SilenceWatch(socket, silenceMax, time);
        try
        {
            silence.Begin();
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            silence.End();
            return new UpstreamConnection(socket, silence);
        }
        catch
        {
            silence.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends the whole of <paramref name="bytes"/>.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            _silence.Begin();
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            _silence.End();
        }
    }

    /// <summary>Reads up to the end of the reply's head; interim (1xx) heads are passed over.</summary>
    /// <param name="noBody">True when the reply has no body whatever its head says: the request was HEAD.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The connection ended, or what came is no HTTP/1.1 reply or has too long a head.</exception>
    public async ValueTask<ReplyHead> ReadHeadAsync(bool noBody, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (ReplyHead.TryParse(_buffer.AsSpan(_start, _end - _start), noBody, out var head))
            {
                if (head.Status >= 200)
                {
                    return head;
                }

                _start += head.HeadBytes;
                continue;
            }

            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the whole body into the connection's buffer when it fits, so that a reply cut short can still be asked for elsewhere.</summary>
    public async ValueTask PrefetchAsync(ReplyHead head, CancellationToken cancellationToken)
    {
        if (head.Framing is not ReplyFraming.Length || head.HeadBytes + head.BodyBytes > BufferBytes)
        {
            return;
        }

        while (_end - _start < head.HeadBytes + head.BodyBytes)
        {
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Copies the body to the client. Afterwards the connection is ready for the next exchange if the head said that it stays open.</summary>
    public async ValueTask CopyBodyAsync(ReplyHead head, PipeWriter output, CancellationToken cancellationToken)
    {
        _start += head.HeadBytes;
        switch (head.Framing)
        {
            case ReplyFraming.None:
                break;
            case ReplyFraming.Length:
                await CopyAsync(head.BodyBytes, output, cancellationToken).ConfigureAwait(false);
                break;
            case ReplyFraming.Chunked:
                await CopyChunksAsync(output, cancellationToken).ConfigureAwait(false);
                break;
            case ReplyFraming.UntilClose:
                await CopyUntilCloseAsync(output, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }

        if (_start == _end)
        {
            _start = _end = 0;
        }

        IsReused = true;
        ReplyBegun = false;
    }

    public void Dispose()
    {
        _silence.Dispose();
        _socket.Dispose();
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        _silence.Begin();
        var received = await _socket.ReceiveAsync(target, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        _silence.End();
        return received;
    }

    private async ValueTask CopyAsync(long bytes, PipeWriter output, CancellationToken cancellationToken)
    {
        var buffered = (int)Math.Min(bytes, _end - _start);
        Write(output, buffered);
        bytes -= buffered;
        while (bytes > 0)
        {
            var target = output.GetMemory(BufferBytes);
            var most = (int)Math.Min(bytes, target.Length);
            var received = await ReceiveAsync(target[..most], cancellationToken).ConfigureAwait(false);
            if (received == 0)
            {
                throw new IOException("the replica closed the connection in the middle of a reply");
            }

            // Flushed each time, the last one too: once a response has started, its end does not flush what was only advanced over.
            output.Advance(received);
            bytes -= received;
            await FlushAsync(output, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask CopyChunksAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        while (true)
        {
            var size = ChunkLine.ParseSize(await ReadLineAsync(cancellationToken).ConfigureAwait(false));
            if (size == 0)
            {
                break;
            }

            await CopyAsync(size, output, cancellationToken).ConfigureAwait(false);
            if ((await ReadLineAsync(cancellationToken).ConfigureAwait(false)).Length != 0)
            {
                throw new IOException("a chunk of the reply is longer than it says");
            }
        }

        while ((await ReadLineAsync(cancellationToken).ConfigureAwait(false)).Length != 0)
        {
            // Trailers: nothing in the protocol uses them.
        }

        await FlushAsync(output, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask CopyUntilCloseAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        do
        {
            Write(output, _end - _start);
            await FlushAsync(output, cancellationToken).ConfigureAwait(false);
            _start = _end = 0;
            _end = await ReceiveAsync(_buffer, cancellationToken).ConfigureAwait(false);
        }
        while (_end > 0);
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                var line = _buffer.AsMemory(_start, length);
                _start += length + 2;
                return line;
            }

            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Write(PipeWriter output, int bytes)
    {
        if (bytes > 0)
        {
            System.Buffers.BuffersExtensions.Write(output, _buffer.AsSpan(_start, bytes));
            _start += bytes;
        }

        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    private static async ValueTask FlushAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        var flushed = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("the client has gone");
        }
    }

    private async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_start > 0 && _end == BufferBytes)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == BufferBytes)
        {
            throw new IOException($"the head of the reply is over {BufferBytes} bytes");
        }

        var received = await ReceiveAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        if (received == 0)
        {
            throw new IOException("the replica closed the connection");
        }

        ReplyBegun = true;
        _end += received;
    }
}
