using System.Text;
using Google.Protobuf;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Tests.Execution;
using InferenceRuntime.Tests.Transport;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>Whole calls as they stand on the wire, frame by frame.</summary>
public sealed class GrpcWireTests
{
    private static readonly ModelSignature Model = EchoEngine.Model(
        batched: true, ("pixels", Datatype.Fp32, [-1, 3]), ("labels", Datatype.Bytes, [-1]));

    [Theory]
    [InlineData("infer")]
    [InlineData("refused")]
    [InlineData("full")]
    [InlineData("unknown")]
    public async Task A_call_is_answered_exactly_as_on_file(string name)
    {
        var (server, engine) = await GrpcServer.StartEchoAsync(Model);
        await using var disposing = server;
        using var socket = await Http2Socket.ConnectAsync(server.Url);
        engine.Answer = _ => name == "full" ? new InferenceOutcome.QueueFull(TimeSpan.FromSeconds(0.25)) : null;
        var request = Requests.Raw(
            ("pixels", "FP32", [1, name == "refused" ? 4 : 3], [0, 0, 0, 0x3F, 0, 0, 0x80, 0xBF, 0, 0x7C, 0x92, 0x48]), ("labels", "BYTES", [1], [3, 0, 0, 0, .. "one"u8]));
        request.Id = "42";
        var body = GrpcCaller.Frame(request.ToByteArray());

        await socket.SendAsync(Http2Socket.Call(1, Http2Socket.Headers(GrpcCaller.Service + (name == "unknown" ? "ModelTrain" : "ModelInfer")), body));

        Golden.AssertEqual($"grpc-{name}.txt", $"request\n{Hex(body)}\n{Text(await socket.ReadStreamAsync(1))}");
    }

    [Fact]
    public async Task A_connection_that_is_asked_to_go_hears_so_and_its_call_is_answered()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = QueuedEngine.Of(instance);
        await using var server = await GrpcServer.StartAsync(engine);
        using var socket = await Http2Socket.ConnectAsync(server.Url);
        await socket.SendAsync(Http2Socket.Call(1, Http2Socket.Headers(GrpcCaller.Service + "ModelInfer"), GrpcCaller.Frame(QueuedEngine.Request(7).ToByteArray())));
        await instance.RunBegins();
        server.Age.SendAllAway();

        Http2Frame? frame;
        do
        {
            frame = await socket.ReadAsync();
        }
        while (frame is { Type: not Http2Frame.GoAway });
        instance.LetThrough();
        var reply = await socket.ReadStreamAsync(1);

        Assert.NotNull(frame);
        Assert.Contains("grpc-status: 0", Http2Socket.Lines(reply[^1].Payload));
        while (await socket.ReadAsync() is not null)
        {
            // A last GOAWAY, then the end.
        }
    }

    private static string Text(IEnumerable<Http2Frame> frames)
    {
        var text = new StringBuilder();
        foreach (var frame in frames)
        {
            text.Append(frame.Type == Http2Frame.Headers ? "headers" : frame.Type == Http2Frame.Data ? "data" : "reset").Append(frame.EndsStream ? ", end\n" : "\n");
            if (frame.Type == Http2Frame.Headers)
            {
                text.AppendJoin('\n', Http2Socket.Lines(frame.Payload)).Append('\n');
            }
            else
            {
                text.Append(Hex(frame.Payload)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Hex(byte[] bytes) =>
        string.Join('\n', bytes.Chunk(32).Select(static line => string.Join(' ', line.Select(static b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)))));
}
