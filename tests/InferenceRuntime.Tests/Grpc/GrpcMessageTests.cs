using System.IO.Compression;
using Google.Protobuf;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport.Compression;

namespace InferenceRuntime.Tests.Grpc;

public sealed class GrpcMessageTests
{
    [Fact]
    public async Task Messages_are_taken_and_given_compressed()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        var request = Requests.Pair([.. Enumerable.Repeat(0.5f, 20_000)]);
        var body = GrpcCaller.Frame(Compress(request.ToByteArray()), flag: 1);

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", body, ("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity, gzip"));

        Assert.Equal("0", result.Status);
        var (flag, message) = Assert.Single(result.Messages);
        Assert.Equal(1, flag);
        Assert.InRange(message.Length, 1, 10_000);
        Assert.Equal(request.RawInputContents, ModelInferResponse.Parser.ParseFrom(Decompress(message)).RawOutputContents);

        var plain = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", body, ("grpc-encoding", "gzip"));
        Assert.Equal(request.RawInputContents, plain.Reply(ModelInferResponse.Parser).RawOutputContents);
        Assert.Equal(0, plain.Messages[0].Flag);
    }

    [Fact]
    public async Task A_compressed_message_may_not_grow_beyond_the_limit()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        // Far below the ratio of a bomb: one byte of four is drawn.
        var random = new Random(7);
        var content = new byte[GrpcServer.MessageBytesMax + 1];
        for (var i = 0; i < content.Length; i += 4)
        {
            content[i] = (byte)random.Next(256);
        }

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", GrpcCaller.Frame(Compress(content), flag: 1), ("grpc-encoding", "gzip"));

        Assert.Equal((8, ""), (result.Code, result.Pushback));
        Assert.Contains("longer", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bomb_is_refused_long_before_the_limit()
    {
        const int Unpacked = GrpcServer.MessageBytesMax / 2;
        var bomb = Compress(new byte[Unpacked], CompressionLevel.Optimal);
        Assert.InRange(bomb.Length, 1, Unpacked / BoundedInflater.RatioMax);

        // A budget that the bomb would break, were it unpacked further than its ratio is seen.
        await using var server = await GrpcServer.StartAsync(new EchoEngine(Requests.Pairs), budget: 4 << 20);
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", GrpcCaller.Frame(bomb, flag: 1), ("grpc-encoding", "gzip"));

        Assert.Equal((8, ""), (result.Code, result.Pushback));
        Assert.Contains("256 times its length", result.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);
    }

    [Fact]
    public async Task A_compressed_message_that_is_damaged_is_refused()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", GrpcCaller.Frame([1, 2, 3, 4], flag: 1), ("grpc-encoding", "gzip"));

        Assert.Equal(3, result.Code);
        Assert.Contains("not gzip", result.Message, StringComparison.Ordinal);
    }

    public static TheoryData<byte[], int, string> Bodies => new()
    {
        { [], 12, "one message" },
        { [0], 3, "within" },
        { [0, 0, 0, 0, 9, 1], 3, "within" },
        { [2, 0, 0, 0, 0], 3, "begins with 2" },
        { [1, 0, 0, 0, 0], 3, "grpc-encoding" },
        { [0, 0xFF, 0xFF, 0xFF, 0xFF], 8, "longer" },
        { [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 12, "one message" },
        { [0, 0, 0, 0, 1, 0xFF], 3, "not a ModelInferRequest" },
        { [0, 0, 0, 0, 0], 5, "no model ''" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_is_not_one_message_is_refused(byte[] body, int code, string names)
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", body);

        Assert.Equal(code, result.Code);
        Assert.Contains(names, result.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);
    }

    [Fact]
    public async Task Without_room_for_messages_the_client_is_told_when_to_come_again()
    {
        await using var server = await GrpcServer.StartAsync(new EchoEngine(Requests.Pairs), budget: 1000);
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.CallAsync("ModelInfer", Requests.Pair(new float[400]));

        Assert.Equal((8, "1000"), (result.Code, result.Pushback));
        Assert.Equal(0, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);
    }

    private static byte[] Compress(byte[] bytes, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var target = new MemoryStream();
        using (var stream = new GZipStream(target, level))
        {
            stream.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] Decompress(byte[] bytes)
    {
        using var stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var target = new MemoryStream();
        stream.CopyTo(target);
        return target.ToArray();
    }
}
