using System.Buffers.Binary;
using System.Net.Sockets;
using Google.Protobuf;
using InferenceRuntime.Tests.Execution;
using InferenceRuntime.Transport;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>Runs when nothing else runs in the process: it counts what the whole process allocates.</summary>
[Collection(nameof(AllocationTests))]
public sealed class GrpcAllocationTests(ITestOutputHelper output)
{
    private const int HeadLength = 9;

    private readonly byte[] _received = new byte[64 * 1024];
    private int _filled;

    [Fact]
    public async Task A_request_of_one_row_allocates_at_most_a_kilobyte_in_all()
    {
        const int Calls = 3000;
        await using var server = await GrpcServer.StartAsync(new ZeroEngine(Requests.Pairs, TimeProvider.System));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Url.Host, server.Url.Port);
        byte[] start =
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
            .. Http2Socket.Frame(Http2Frame.Settings, 0, 0, []),
            .. Http2Socket.Frame(Http2Frame.WindowUpdate, 0, 0, [0x3F, 0, 0, 0]),
        ];
        await socket.SendAsync(start);
        var headers = Http2Socket.Headers(GrpcCaller.Service + "ModelInfer");
        var call = Http2Socket.Call(0, headers, GrpcCaller.Frame(Requests.Pair(1, 2).ToByteArray()));
        var stream = -1;
        await AskAgainAndAgain();
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await AskAgainAndAgain();

        var perCall = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Calls;
        output.WriteLine($"{perCall:0} bytes a call");
        Assert.True(perCall <= 1024, $"{perCall} bytes a call");

        async Task AskAgainAndAgain()
        {
            for (var i = 0; i < Calls; i++)
            {
                stream += 2;
                BinaryPrimitives.WriteInt32BigEndian(call.AsSpan(5), stream);
                BinaryPrimitives.WriteInt32BigEndian(call.AsSpan(HeadLength + headers.Length + 5), stream);
                await socket.SendAsync(call, SocketFlags.None);
                while (!TakeFramesUntilEnd())
                {
                    var read = await socket.ReceiveAsync(_received.AsMemory(_filled), SocketFlags.None);
                    Assert.NotEqual(0, read);
                    _filled += read;
                }
            }
        }
    }

    /// <summary>Takes whole frames off the front; true when one of them ended a stream.</summary>
    private bool TakeFramesUntilEnd()
    {
        var ended = false;
        while (_filled >= HeadLength && !ended)
        {
            var length = HeadLength + ((_received[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(_received.AsSpan(1)));
            if (_filled < length)
            {
                break;
            }

            ended = _received[3] == Http2Frame.Headers && (_received[4] & Http2Frame.EndStream) != 0;
            _filled -= length;
            Buffer.BlockCopy(_received, length, _received, 0, _filled);
        }

        return ended;
    }
}
