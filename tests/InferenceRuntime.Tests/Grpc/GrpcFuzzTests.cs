using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.IO.Pipelines;
using Google.Protobuf;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Grpc.Inference;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Observability;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>Frames, messages and headers that are random, mutated, or lie.</summary>
public sealed class GrpcFuzzTests(ITestOutputHelper output)
{
    private const int MessageBytesMax = 256 * 1024;

    private static readonly ModelSignature Model = EchoEngine.Model(
        batched: true, ("x", Datatype.Fp32, [-1, 2]), ("n", Datatype.Int64, [-1]), ("s", Datatype.Bytes, [-1]), ("d", Datatype.Fp64, [-1]));

    private static readonly byte[][] Seeds = [RawSeed(), TypedSeed()];
    private static readonly byte[] Bomb = Compress(new byte[8 << 20]);

    [Fact]
    public async Task Whatever_the_bytes_are_the_answer_is_a_request_or_a_refusal()
    {
        const int Cases = 60_000;
        var lifecycle = new ReplicaLifecycle();
        lifecycle.MoveTo(ReplicaPhase.Ready);
        var budget = new BodyBudget(16L << 20);
        var frames = new FrameReader(budget);
        var inference = new GrpcInference(new SingleModel(new EchoEngine(Model)), lifecycle, budget, TimeProvider.System);
        var call = new GrpcCall();
        var counts = new ConcurrentDictionary<GrpcCode, int>();
        var cases = await new FuzzRun(output, "gRPC messages").RunAsync(Cases, atOnce: 1, async random =>
        {
            var (body, gzip) = Mutate(random, Seeds);
            var before = GC.GetAllocatedBytesForCurrentThread();

            var (code, message) = await ReadAsync(frames, inference, call, body, gzip, random);

            // Pooled memory apart, no case costs more than its own size, an inflated message, and the text of its refusal.
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < (16L * MessageBytesMax) + (64L * body.Length), $"{allocated} bytes allocated for {body.Length}");
            Assert.True(code is GrpcCode.Ok or GrpcCode.InvalidArgument or GrpcCode.NotFound or GrpcCode.ResourceExhausted or GrpcCode.Unimplemented, $"{code} {message}");
            Assert.InRange(message.Length, code == GrpcCode.Ok ? 0 : 1, 2000);
            counts.AddOrUpdate(code, 1, static (_, count) => count + 1);
            if (code == GrpcCode.Ok)
            {
                AssertSound(call);
            }

            inference.Release(call, frames);
        });

        output.WriteLine(string.Join(", ", counts.Select(static c => $"{c.Key} {c.Value}")));
        Assert.True(budget.TryTake(16L << 20), "all memory has been given back");

        // Every answer has been seen often enough, so the mutations are neither harmless nor hopeless.
        if (cases >= Cases)
        {
            Assert.InRange(counts[GrpcCode.Ok], cases / 100, cases);
            Assert.InRange(counts[GrpcCode.InvalidArgument], cases / 10, cases);
            Assert.InRange(counts[GrpcCode.ResourceExhausted], cases / 1000, cases);
        }
    }

    [Fact]
    public async Task Whatever_comes_through_a_socket_the_server_goes_on()
    {
        const int Cases = 4000;
        var (server, _) = await GrpcServer.StartEchoAsync(Model);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        var (answered, closed) = (0, 0);
        Http2Socket? socket = null;
        var stream = 1;
        var cases = await new FuzzRun(output, "gRPC over a socket").RunAsync(Cases, atOnce: 1, async random =>
        {
            socket ??= await Http2Socket.ConnectAsync(server.Url);
            var breaksHttp = random.Next(8) == 0;
            var call = RandomCall(random, stream);
            await SendAsync(socket, breaksHttp ? Break(random, call) : call);
            var frames = breaksHttp ? await ReadBrokenAsync(socket, stream) : await socket.ReadStreamAsync(stream);
            stream += 2;
            foreach (var frame in frames.Where(static f => f.Type == Http2Frame.Headers))
            {
                Assert.DoesNotContain("grpc-status: 13", Http2Socket.Lines(frame.Payload));
            }

            answered += frames.Exists(static f => f.Type == Http2Frame.Headers) ? 1 : 0;
            if (breaksHttp || !frames.Exists(static f => f.EndsStream))
            {
                closed++;
                socket.Dispose();
                (socket, stream) = (null, 1);
            }
        });

        socket?.Dispose();
        output.WriteLine($"{answered} answered, {closed} connections closed");
        Assert.InRange(answered, cases / 2, cases);
        Assert.Equal(0, server.Metrics.Snapshot().Outcomes[(int)RequestOutcome.Failed]);
        Assert.Equal(0, (await caller.CallAsync("ServerLive", new ServerLiveRequest())).Code);
    }

    /// <summary>Reads one call's message from a body that arrives in random pieces, and checks it.</summary>
    private static async Task<(GrpcCode Code, string Message)> ReadAsync(FrameReader frames, GrpcInference inference, GrpcCall call, byte[] body, bool gzip, Random random)
    {
        var reader = PipeReader.Create(Pieces(body, random));
        var read = await frames.ReadAsync(reader, call.Message, MessageBytesMax, gzip, CancellationToken.None);
        var status = read.IsMessage ? await FrameReader.ReadEndAsync(reader, CancellationToken.None) ?? inference.Prepare(call) : read.Fault ?? new GrpcStatus(GrpcCode.Unimplemented, "nothing");
        return (status?.Code ?? GrpcCode.Ok, status?.Message ?? "");
    }

    private static ReadOnlySequence<byte> Pieces(byte[] body, Random random)
    {
        if (random.Next(3) > 0 || body.Length < 2)
        {
            return new ReadOnlySequence<byte>(body);
        }

        var cut = random.Next(1, body.Length);
        var first = new Piece(body.AsMemory(0, cut), 0);
        var last = first.Append(body.AsMemory(cut));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private static (byte[] Body, bool Gzip) Mutate(Random random, byte[][] seeds)
    {
        var message = new List<byte>(seeds[random.Next(seeds.Length)]);
        for (var edits = random.Next(5); edits > 0 && message.Count > 0; edits--)
        {
            Edit(random, message);
        }

        if (random.Next(20) == 0)
        {
            message = [.. new byte[random.Next(200)].Select(_ => (byte)random.Next(256))];
        }

        var gzip = random.Next(6) == 0;
        var flag = gzip ? (byte)1 : (byte)0;
        var content = gzip ? Compressed(random, [.. message]) : [.. message];
        var frame = GrpcCaller.Frame(content, random.Next(50) == 0 ? (byte)random.Next(256) : flag);
        if (random.Next(12) == 0)
        {
            // A length that lies.
            frame[1 + random.Next(4)] ^= (byte)(1 << random.Next(8));
        }

        return random.Next(25) == 0 ? (frame[..random.Next(frame.Length)], gzip) : (frame, gzip);
    }

    private static void Edit(Random random, List<byte> message)
    {
        var at = random.Next(message.Count);
        switch (random.Next(7))
        {
            case 0:
                message[at] = (byte)random.Next(256);
                break;
            case 1:
                message[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                message.RemoveRange(at, Math.Min(random.Next(1, 10), message.Count - at));
                break;
            case 3:
                message.InsertRange(at, message.GetRange(at, Math.Min(random.Next(1, 40), message.Count - at)));
                break;
            case 4:
                // The largest varints there are, and one beyond.
                message.InsertRange(at, [.. Enumerable.Repeat((byte)0xFF, random.Next(4, 11)), (byte)random.Next(3)]);
                break;
            case 5:
                message.RemoveRange(at, message.Count - at);
                break;
            default:
                // Another group is opened, or a field that nobody knows.
                message.InsertRange(at, random.Next(2) == 0 ? [.. Enumerable.Repeat((byte)0x0B, random.Next(1, 40))] : [0xFA, 0x3F, 2, 1, 2]);
                break;
        }
    }

    private static byte[] Compressed(Random random, byte[] message)
    {
        if (random.Next(10) == 0)
        {
            return Bomb;
        }

        var compressed = Compress(message);
        if (random.Next(2) == 0 && compressed.Length > 0)
        {
            compressed[random.Next(compressed.Length)] = (byte)random.Next(256);
        }

        return random.Next(5) == 0 ? compressed[..random.Next(compressed.Length)] : compressed;
    }

    private static byte[] RandomCall(Random random, int stream)
    {
        string[] methods = ["ModelInfer", "ModelStreamInfer", "ModelReady", "ModelMetadata", "ModelStatistics", "RepositoryIndex", "RepositoryModelLoad", "Nothing"];
        var path = random.Next(10) switch
        {
            0 => "/grpc.health.v1.Health/Check",
            1 => "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            _ => GrpcCaller.Service + methods[random.Next(methods.Length)],
        };
        var (body, gzip) = Mutate(random, Seeds);
        var headers = new List<(string, string)> { ("grpc-encoding", gzip ? "gzip" : random.Next(10) == 0 ? "zstd" : "identity") };
        switch (random.Next(12))
        {
            case 0:
                headers.Add(("grpc-timeout", $"{random.Next(-5, 100)}{"HMSmunx"[random.Next(7)]}"));
                break;
            case 1:
                headers.Add(("content-type", random.Next(2) == 0 ? "text/plain" : "application/grpc+x"));
                break;
            case 2:
                headers.Add((":method", random.Next(2) == 0 ? "GET" : "PUT"));
                break;
            case 3:
                headers.Add(("grpc-accept-encoding", new string(',', random.Next(100)) + "gzip"));
                break;
            case 4:
                headers.Add(("x-" + (char)random.Next('a', 'z'), new string('v', random.Next(2000))));
                break;
            default:
                break;
        }

        return Http2Socket.Call(stream, Http2Socket.Headers(path, [.. headers]), body);
    }

    /// <summary>Damages the frames of HTTP/2 themselves.</summary>
    private static byte[] Break(Random random, byte[] call)
    {
        var broken = call.ToArray();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            broken[random.Next(Math.Min(broken.Length, 60))] = (byte)random.Next(256);
        }

        return broken[..random.Next(1, broken.Length + 1)];
    }

    private static async Task SendAsync(Http2Socket socket, byte[] bytes)
    {
        try
        {
            await socket.SendAsync(bytes);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The server has closed a connection that broke the rules.
        }
    }

    /// <summary>What the server still says to a connection that is cut off: anything, but it says it and ends.</summary>
    private static async Task<List<Http2Frame>> ReadBrokenAsync(Http2Socket socket, int stream)
    {
        socket.EndSending();
        return await socket.ReadStreamAsync(stream);
    }

    /// <summary>What the engine is promised of every request.</summary>
    private static void AssertSound(GrpcCall call)
    {
        var inputs = call.Inputs;
        Assert.InRange(inputs.Rows, 1, int.MaxValue);
        Assert.NotEqual(0UL, inputs.OutputsWanted);
        Assert.Equal(inputs.Bytes, inputs.Inputs.Sum(static i => (long)i.Bytes.Length));
        for (var i = 0; i < inputs.Inputs.Length; i++)
        {
            var (spec, input) = (Model.Inputs[i], inputs.Inputs[i]);
            Assert.Equal(inputs.Rows, input.Shape.Span[0]);
            Assert.Equal(-1, TensorShape.FirstMisfit(input.Shape.Span, spec.Shape));
            Assert.Equal(
                TensorShape.Elements(input.Shape.Span),
                spec.Datatype == Datatype.Bytes ? BytesElements.Count(input.Bytes.Span) : input.Bytes.Length / spec.Datatype.ElementSize());
        }
    }

    private static byte[] RawSeed()
    {
        var request = Requests.Raw(
            ("x", "FP32", [2, 2], new byte[16]), ("n", "INT64", [2], new byte[16]), ("s", "BYTES", [2], [3, 0, 0, 0, 97, 98, 99, 0, 0, 0, 0]), ("d", "FP64", [2], new byte[16]));
        request.Id = "id";
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "n_out" });
        request.Parameters["priority"] = new InferParameter { Uint64Param = 1 };
        request.Parameters["timeout"] = new InferParameter { Int64Param = 5_000_000 };
        return request.ToByteArray();
    }

    private static byte[] TypedSeed() => Requests.Typed(
        ("x", "FP32", [1, 2], new InferTensorContents { Fp32Contents = { 1, 2 } }),
        ("n", "INT64", [1], new InferTensorContents { Int64Contents = { -9 } }),
        ("s", "BYTES", [1], new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("aä") } }),
        ("d", "FP64", [1], new InferTensorContents { Fp64Contents = { 0.5 } })).ToByteArray();

    private static byte[] Compress(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var stream = new GZipStream(target, CompressionLevel.Fastest))
        {
            stream.Write(bytes);
        }

        return target.ToArray();
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long index) => (Memory, RunningIndex) = (memory, index);

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
