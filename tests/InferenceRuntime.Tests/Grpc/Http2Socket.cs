using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>HTTP/2 frame by frame, with no rule kept that the test does not keep: to see the wire, and to break it.</summary>
internal sealed class Http2Socket : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // RFC 7541, appendix A: the entries that a server's answer refers to.
    private static readonly Dictionary<int, (string Name, string Value)> StaticTable = new()
    {
        [8] = (":status", "200"), [28] = ("content-length", ""), [31] = ("content-type", ""), [33] = ("date", ""),
    };

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _head = new byte[9];

    public static async Task<Http2Socket> ConnectAsync(Uri server)
    {
        var connection = new Http2Socket();
        await connection._socket.ConnectAsync(server.Host, server.Port);

        // A header table of size 0: the server's headers are then literal.
        await connection.SendAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Http2Frame.Settings, 0, 0, [0, 1, 0, 0, 0, 0])]);
        return connection;
    }

    /// <summary>The headers of a gRPC call; a name that is given replaces the usual value.</summary>
    public static byte[] Headers(string path, params (string Name, string Value)[] more)
    {
        (string Name, string Value)[] usual =
        [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("content-type", "application/grpc"), ("te", "trailers"),
        ];
        return Pack([.. usual.Where(u => more.All(m => m.Name != u.Name)), .. more]);
    }

    /// <summary>A header block of literals.</summary>
    public static byte[] Pack(params IEnumerable<(string Name, string Value)> headers)
    {
        // Pseudo headers come first, whatever the order in which they were given.
        var block = new List<byte>();
        foreach (var (name, value) in headers.OrderBy(static h => !h.Name.StartsWith(':')))
        {
            block.Add(0);
            AddText(block, name);
            AddText(block, value);
        }

        return [.. block];
    }

    public static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)payload.Length);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>A whole call: headers, and the body in one piece of at most 16 KiB.</summary>
    public static byte[] Call(int stream, byte[] headers, byte[] body) =>
    [
        .. Frame(Http2Frame.Headers, Http2Frame.EndHeaders, stream, headers),
        .. Frame(Http2Frame.Data, Http2Frame.EndStream, stream, body),
    ];

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Says that nothing more will come.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server was quicker.
        }
    }

    /// <summary>The next frame; null when the server has closed the connection.</summary>
    public async Task<Http2Frame?> ReadAsync()
    {
        if (!await FillAsync(_head))
        {
            return null;
        }

        var payload = new byte[(_head[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(1))];
        return await FillAsync(payload) ? new Http2Frame(_head[3], _head[4], BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(5)), payload) : null;
    }

    /// <summary>The frames of one stream up to its end; ends early when the connection does.</summary>
    public async Task<List<Http2Frame>> ReadStreamAsync(int stream)
    {
        var frames = new List<Http2Frame>();
        while (await ReadAsync() is { } frame)
        {
            if (frame.Stream == stream && frame.Type is Http2Frame.Data or Http2Frame.Headers or Http2Frame.RstStream)
            {
                frames.Add(frame);
                if (frame.EndsStream)
                {
                    break;
                }
            }
        }

        return frames;
    }

    /// <summary>The lines of a header block of literals; the date is left out.</summary>
    public static IEnumerable<string> Lines(byte[] block)
    {
        for (var at = 0; at < block.Length;)
        {
            var first = block[at];
            if ((first & 0x80) != 0)
            {
                var (name, value) = Entry(first & 0x7F);
                at++;
                yield return $"{name}: {value}";
            }
            else if ((first & 0xE0) == 0x20)
            {
                at++;   // The table's size: 0.
            }
            else
            {
                var index = Number(block, ref at, (first & 0x40) != 0 ? 6 : 4);
                var name = index == 0 ? Text(block, ref at) : Entry(index).Name;
                var value = Text(block, ref at);
                if (name != "date")
                {
                    yield return $"{name}: {value}";
                }
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static (string Name, string Value) Entry(int index) => StaticTable.GetValueOrDefault(index, ($"entry {index}", ""));

    private static int Number(byte[] block, ref int at, int bits)
    {
        var max = (1 << bits) - 1;
        var value = block[at++] & max;
        for (var shift = 0; value >= max || shift > 0; shift += 7)
        {
            var next = block[at++];
            value += (next & 0x7F) << shift;
            if (next < 0x80)
            {
                break;
            }
        }

        return value;
    }

    private static string Text(byte[] block, ref int at)
    {
        var length = Number(block, ref at, 7);
        at += length;
        return Encoding.ASCII.GetString(block, at - length, length);
    }

    private static void AddText(List<byte> block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < 127)
        {
            block.Add((byte)bytes.Length);
        }
        else
        {
            block.Add(127);
            var rest = bytes.Length - 127;
            for (; rest >= 128; rest >>= 7)
            {
                block.Add((byte)(rest | 128));
            }

            block.Add((byte)rest);
        }

        block.AddRange(bytes);
    }

    /// <summary>Fills the buffer; false at the end of the connection, in whatever way it ended.</summary>
    private async Task<bool> FillAsync(Memory<byte> buffer)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                var read = await _socket.ReceiveAsync(buffer).AsTask().WaitAsync(Patience);
                if (read == 0)
                {
                    return false;
                }

                buffer = buffer[read..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
