using System.Net;
using System.Net.Sockets;
using InferenceRuntime.Contract;
using InferenceRuntime.Tests.Execution;
using OpenTelemetry.Exporter;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Tracing;

/// <summary>A receiver that is away, slow or refuses: the requests do not notice.</summary>
public sealed class ReceiverFailureTests(ITestOutputHelper output)
{
    private const int Requests = 200;
    private static readonly RuntimeSettings Singles = new() { Batching = new BatchingSettings { MaxSize = 1, MaxDelayMs = 0 } };

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public async Task A_receiver_that_says_nothing_costs_spans_and_no_request(OtlpExportProtocol protocol)
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Singles);
        await using var receiver = await TraceReceiver.StartAsync();
        receiver.IsSilent = true;
        await using var server = await TracedServer.StartAsync(engine, settings => settings with
        {
            Endpoint = protocol == OtlpExportProtocol.Grpc ? receiver.Grpc : new Uri(receiver.Http, "v1/traces"),
            Protocol = protocol,
            SpansMax = 50,
            SentMax = 10,
            ExportTimeMax = TimeSpan.FromMinutes(5),
        });
        Assert.Equal(200, await server.InferAsync(TracedServer.Row));
        await receiver.WaitForExportsAsync(1);

        for (var i = 0; i < Requests; i++)
        {
            Assert.Equal(200, await server.InferAsync(TracedServer.Row));
        }

        var counts = server.Traces.Counts;
        output.WriteLine($"{counts}");
        Assert.Equal((0, 0), (counts.Exported, counts.DroppedUndelivered));
        Assert.True(counts.DroppedFull > Requests);
        Assert.Equal(1, receiver.Exports);

        // Not the five minutes that an export may take, nor for ever.
        var began = TimeProvider.System.GetTimestamp();
        await server.Traces.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30));
        Assert.True(server.Traces.Counts.DroppedUndelivered > 0);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public async Task A_receiver_that_refuses_is_asked_again_and_takes_what_comes_later(OtlpExportProtocol protocol)
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Singles);
        await using var receiver = await TraceReceiver.StartAsync();
        receiver.Status = (int)HttpStatusCode.BadRequest;
        await using var server = await TracedServer.StartAsync(engine, settings => settings with
        {
            Endpoint = protocol == OtlpExportProtocol.Grpc ? receiver.Grpc : new Uri(receiver.Http, "v1/traces"),
            Protocol = protocol,
            Headers = "authorization=Bearer%20abc,tenant=ads",
        });
        Assert.Equal(200, await server.InferAsync(TracedServer.Row));
        await receiver.WaitForExportsAsync(1);
        Assert.Equal(("Bearer abc", "ads"), (receiver.Headers["authorization"], receiver.Headers["tenant"]));

        receiver.Status = (int)HttpStatusCode.OK;
        Assert.Equal(200, await server.InferAsync(TracedServer.Row));

        await receiver.WaitAsync(static spans => spans.Any(static s => s.Kind == 2));
        await server.Traces.DisposeAsync();
        var counts = server.Traces.Counts;
        Assert.True(counts.DroppedUndelivered > 0);
        Assert.Equal(receiver.Spans.Count, counts.Exported);
        Assert.Equal(0, counts.DroppedFull);
    }

    [Fact]
    public async Task With_nobody_at_the_address_requests_are_answered_and_the_spans_are_counted()
    {
        int port;
        using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Singles);
        await using var server = await TracedServer.StartAsync(engine, settings => settings with { Endpoint = new Uri($"http://127.0.0.1:{port}/v1/traces") });

        Assert.Equal(200, await server.InferAsync(TracedServer.Row));
        await server.Traces.DisposeAsync();

        Assert.Equal(0, server.Traces.Counts.Exported);
        Assert.True(server.Traces.Counts.DroppedUndelivered > 0);
    }
}
