using System.Buffers.Text;
using System.Net.Sockets;

namespace InferenceRuntime.Load;

/// <summary>
/// One HTTP/1.1 connection that sends ready-made requests and reads replies with a Content-Length: all that a load needs, at a
/// fraction of the processor time of a general client, so that the client is not what is measured. One exchange at a time.
/// </summary>
internal sealed class HttpConnection(string host, int port) : ILoadConnection
{
    private const int HeadMax = 32 * 1024;
    private const int BodyMax = 256 << 20;

    private Socket? _socket;
    private bool _aborted;
    private byte[] _buffer = new byte[64 * 1024];

    /// <summary>Sends <paramref name="request"/> and reads the reply to its end.</summary>
    /// <exception cref="IOException">The connection broke, or the reply is not one this client reads.</exception>
    public async ValueTask<HttpReply> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var reused = _socket is not null;
        try
        {
            return await ExchangeOnceAsync(request, cancellationToken);
        }
        catch (Exception fault) when (reused && !Volatile.Read(ref _aborted) && fault is (StaleConnectionException or SocketException))
        {
            // A server may close a connection between two requests: one try on a fresh one, as every HTTP client does.
            Close();
            return await ExchangeOnceAsync(request, cancellationToken);
        }
        catch (SocketException fault)
        {
            Close();
            throw new IOException(fault.Message, fault);
        }
    }

    /// <summary>Breaks off the exchange under way, from another thread; it then fails.</summary>
    public void Abort()
    {
        Volatile.Write(ref _aborted, true);
        _socket?.Dispose();
    }

    public void Dispose() => Close();

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
        Volatile.Write(ref _aborted, false);
    }

    private async ValueTask<HttpReply> ExchangeOnceAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var complete = false;
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await _socket.ConnectAsync(host, port, cancellationToken);
            }

            while (!request.IsEmpty)
            {
                request = request[await _socket.SendAsync(request, SocketFlags.None, cancellationToken)..];
            }

            var reply = await ReadAsync(_socket, cancellationToken);
            complete = true;
            return reply;
        }
        finally
        {
            if (!complete)
            {
                Close();
            }
        }
    }

    private async ValueTask<HttpReply> ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var filled = 0;
        int headEnd;
        while ((headEnd = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (filled >= HeadMax)
            {
                throw new IOException("the head of the reply is too long");
            }

            var read = await socket.ReceiveAsync(_buffer.AsMemory(filled), SocketFlags.None, cancellationToken);
            if (read == 0)
            {
                throw filled == 0 ? new StaleConnectionException() : new IOException("the connection ended within the reply's head");
            }

            filled += read;
        }

        var head = ParseHead(_buffer.AsSpan(0, headEnd + 2));
        var start = headEnd + 4;
        var total = start + head.ContentLength;
        if (total > _buffer.Length)
        {
            Array.Resize(ref _buffer, total);
        }

        while (filled < total)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(filled, total - filled), SocketFlags.None, cancellationToken);
            if (read == 0)
            {
                throw new IOException("the connection ended within the reply");
            }

            filled += read;
        }

        if (head.Close)
        {
            Close();
        }

        return new HttpReply(head.Status, head.JsonLength, _buffer.AsMemory(start, head.ContentLength));
    }

    private static (int Status, int ContentLength, int JsonLength, bool Close) ParseHead(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
        {
            throw new IOException("the reply is not HTTP/1.1");
        }

        var contentLength = -1;
        var jsonLength = -1;
        var close = false;
        for (var line = head[(head.IndexOf("\r\n"u8) + 2)..]; !line.IsEmpty; line = line[(line.IndexOf("\r\n"u8) + 2)..])
        {
            if (Value(line, "content-length: "u8) is { IsEmpty: false } length)
            {
                contentLength = Number(length);
            }
            else if (Value(line, "inference-header-content-length: "u8) is { IsEmpty: false } json)
            {
                jsonLength = Number(json);
            }
            else if (Value(line, "connection: "u8) is { IsEmpty: false } connection)
            {
                close = System.Text.Ascii.EqualsIgnoreCase(connection[..connection.IndexOf((byte)'\r')], "close"u8);
            }
        }

        return contentLength is >= 0 and <= BodyMax
            ? (status, contentLength, jsonLength, close)
            : throw new IOException("the reply has no Content-Length that this client reads");
    }

    private static int Number(ReadOnlySpan<byte> digits) => Utf8Parser.TryParse(digits, out int number, out _) ? number : -1;

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name) ? line[name.Length..] : default;

    /// <summary>The server closed the connection before it answered anything.</summary>
    private sealed class StaleConnectionException : IOException;
}
