using System.Net;
using System.Text;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Grpc;
using InferenceRuntime.Observability;
using InferenceRuntime.Telemetry;
using InferenceRuntime.Tests.Grpc;
using InferenceRuntime.Tracing;
using InferenceRuntime.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Tracing;

/// <summary>Both data ports over one engine, whose traces go to a receiver.</summary>
internal sealed class TracedServer : IAsyncDisposable
{
    /// <summary>A body that <see cref="Execution.SimulatedInstance"/> answers, of one row.</summary>
    public const string Row = """{"inputs":[{"name":"x","shape":[1],"datatype":"UINT8","data":[7]}]}""";

    private const int BytesMax = 1 << 20;
    private static int _count;

    private readonly HttpEndpoint _rest;
    private readonly HttpEndpoint _grpc;
    private readonly HttpClient _client;
    private readonly GrpcCaller _caller;

    private TracedServer(TraceReceiver receiver, Traces traces, HttpEndpoint rest, HttpEndpoint grpc)
    {
        Receiver = receiver;
        Traces = traces;
        _rest = rest;
        _grpc = grpc;

        // A client in the process must not add a trace of its own.
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null }) { BaseAddress = rest.Url, Timeout = TimeSpan.FromSeconds(60) };
        _caller = new GrpcCaller(grpc.Url);
    }

    public TraceReceiver Receiver { get; }

    public Traces Traces { get; }

    /// <param name="engine">Who answers; the caller's.</param>
    /// <param name="adjust">Changes what is asked of the traces.</param>
    public static async Task<TracedServer> StartAsync(IInferenceEngine engine, Func<TraceSettings, TraceSettings>? adjust = null)
    {
        var receiver = await TraceReceiver.StartAsync();
        var settings = new TraceSettings
        {
            Endpoint = new Uri(receiver.Http, "v1/traces"),
            Service = "under-test",
            SendInterval = TimeSpan.FromMilliseconds(20),
        };
        var clock = TimeProvider.System;

        // Sources of the same name would hear of each other.
        var traces = new Traces(
            adjust?.Invoke(settings) ?? settings, $"under-test-{Interlocked.Increment(ref _count)}", seed: 1, clock, NullLoggerFactory.Instance);
        var requests = new RequestTraces(traces, clock);
        var lifecycle = new ReplicaLifecycle();
        lifecycle.MoveTo(ReplicaPhase.Ready);
        var metrics = new RequestMetrics(slo: null);
        var budget = new BodyBudget(8 * BytesMax);
        var models = new SingleModel(engine);
        var inference = new InferenceEndpoint(metrics, lifecycle, new RequestBody(BytesMax, budget), clock, NullLogger<InferenceEndpoint>.Instance, requests);
        var rest = await HttpEndpoint.StartAsync(
            new RestApplication(models, new RestOptions(), lifecycle, inference, clock),
            new EndpointOptions(IPAddress.Loopback, 0, BytesMax), NullLoggerFactory.Instance, CancellationToken.None);
        var methods = new GrpcMethods(models, metrics, lifecycle, budget, BytesMax, modelControl: false, clock, requests);
        var grpc = await HttpEndpoint.StartAsync(
            new GrpcApplication(methods, tokens: null, clock, NullLogger<GrpcApplication>.Instance),
            EndpointOptions.ForGrpc(IPAddress.Loopback, 0, new ConnectionAge(TimeSpan.Zero, clock)), NullLoggerFactory.Instance, CancellationToken.None);
        return new TracedServer(receiver, traces, rest, grpc);
    }

    /// <summary>A caller's header: a trace, a span, and whether they are recorded.</summary>
    public static string Parent(char trace, char span, bool isRecorded) => $"00-{new string(trace, 32)}-{new string(span, 16)}-{(isRecorded ? "01" : "00")}";

    /// <summary>Sends one request over REST, with these headers.</summary>
    public async Task<int> InferAsync(string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v2/models/m/infer", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var reply = await _client.SendAsync(request);
        return (int)reply.StatusCode;
    }

    /// <summary>Sends a body over gRPC, with these headers.</summary>
    public Task<GrpcResult> CallAsync(string method, byte[] body, params (string Name, string Value)[] headers) =>
        _caller.SendAsync(GrpcCaller.Service + method, body, headers);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _caller.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        foreach (var port in (HttpEndpoint[])[_rest, _grpc])
        {
            await port.StopAsync(now.Token);
            port.Dispose();
        }

        await Traces.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
