using System.Net.Sockets;
using System.Text;
using InferenceRuntime.Observability;
using InferenceRuntime.Onnx.Tests;
using InferenceRuntime.Telemetry;
using InferenceRuntime.Tests.Execution;
using InferenceRuntime.Tracing;
using InferenceRuntime.Execution;
using InferenceRuntime.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Transport;

/// <summary>Runs when nothing else runs in the process: it counts what the whole process allocates.</summary>
[Collection(nameof(AllocationTests))]
public sealed class RestAllocationTests(ITestOutputHelper output)
{
    private const int Requests = 10_000;

    /// <summary>From the socket to ONNX Runtime and back, all in all.</summary>
    private const int BytesMax = 1024;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_binary_request_allocates_less_than_a_kibibyte_in_the_whole_process_also_where_traces_are_asked_for_and_it_is_not_recorded(bool hasTraces)
    {
        await using var traces = hasTraces ? new Traces(Never, "allocation", seed: 1, TimeProvider.System, NullLoggerFactory.Instance) : null;
        using var folder = new ModelFolder();
        await using var engine = await folder.EngineAsync(TinyModel.Identity(DataType.Float, "n", 64));
        var lifecycle = new ReplicaLifecycle();
        lifecycle.MoveTo(ReplicaPhase.Ready);
        var inference = new InferenceEndpoint(
            new RequestMetrics(slo: null), lifecycle, new RequestBody(1 << 20, new BodyBudget(1 << 24)), TimeProvider.System, NullLogger<InferenceEndpoint>.Instance,
            traces is null ? null : new RequestTraces(traces, TimeProvider.System));
        using var endpoint = await HttpEndpoint.StartAsync(
            new RestApplication(new SingleModel(engine), new RestOptions(), lifecycle, inference, TimeProvider.System),
            new EndpointOptions(System.Net.IPAddress.Loopback, 0, 1 << 20), NullLoggerFactory.Instance, CancellationToken.None);
        const string Json = """{"inputs":[{"name":"x","shape":[1,64],"datatype":"FP32","parameters":{"binary_data_size":256}}],"parameters":{"binary_data_output":true}}""";
        var request = (byte[])
        [
            .. Encoding.ASCII.GetBytes($"POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\nInference-Header-Content-Length: {Json.Length}\r\nContent-Length: {Json.Length + 256}\r\n\r\n{Json}"),
            .. new byte[256],
        ];
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync("127.0.0.1", endpoint.Port);
        var length = Exchange(client, request, replyLength: null);
        Ask(client, request, length);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        Ask(client, request, length);

        var perRequest = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Requests;
        output.WriteLine($"{perRequest:F1} bytes a request");
        client.Close();
        await endpoint.StopAsync(CancellationToken.None);
        Assert.True(perRequest <= BytesMax, $"{perRequest} bytes a request");
    }

    /// <summary>Those that a caller records, which here is nobody.</summary>
    private static TraceSettings Never => new()
    {
        Endpoint = new Uri("http://127.0.0.1:9/v1/traces"),
        Service = "allocation",
        Sampling = new TraceSampling(0, FollowsParent: true),
    };

    private static void Ask(Socket client, byte[] request, int length)
    {
        for (var i = 0; i < Requests; i++)
        {
            Exchange(client, request, length);
        }
    }

    /// <summary>One request and its reply, all of which has the same length each time; allocates nothing once that is known.</summary>
    private static int Exchange(Socket client, byte[] request, int? replyLength)
    {
        client.Send(request);
        Span<byte> reply = stackalloc byte[4096];
        if (replyLength is null)
        {
            // The reply fits one packet of the loopback.
            var first = client.Receive(reply);
            Assert.True(reply.StartsWith("HTTP/1.1 200 "u8), Encoding.ASCII.GetString(reply[..first]));
            return first;
        }

        for (var read = 0; read < replyLength;)
        {
            read += client.Receive(reply[read..replyLength.Value]);
        }

        return replyLength.Value;
    }
}
