using System.Net;
using System.Text;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Load;
using InferenceRuntime.Observability;
using InferenceRuntime.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Transport;

/// <summary>The REST port over an <see cref="EchoEngine"/>, on a free port of the loopback.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    public const int BodyBytesMax = 1 << 20;

    private readonly HttpEndpoint _endpoint;

    private EchoServer(EchoEngine engine, HttpEndpoint endpoint, ReplicaLifecycle lifecycle, RequestMetrics metrics)
    {
        Engine = engine;
        _endpoint = endpoint;
        Lifecycle = lifecycle;
        Metrics = metrics;
    }

    public EchoEngine Engine { get; }

    public ReplicaLifecycle Lifecycle { get; }

    public RequestMetrics Metrics { get; }

    public Uri Url => _endpoint.Url;

    public static Task<EchoServer> StartAsync(ModelSignature signature)
    {
        var engine = new EchoEngine(signature);
        return StartAsync(engine, new SingleModel(engine), new RestOptions());
    }

    /// <param name="adjust">Changes where and how the port listens.</param>
    /// <param name="clock">The clock of the port; the system's where none is given.</param>
    public static async Task<EchoServer> StartAsync(
        EchoEngine engine, IModelRepository repository, RestOptions options, Func<EndpointOptions, EndpointOptions>? adjust = null, TimeProvider? clock = null)
    {
        var lifecycle = new ReplicaLifecycle();
        lifecycle.MoveTo(ReplicaPhase.Ready);
        var metrics = new RequestMetrics(slo: null);
        var inference = new InferenceEndpoint(
            metrics, lifecycle, new RequestBody(BodyBytesMax, new BodyBudget(8 * BodyBytesMax)), clock ?? TimeProvider.System, NullLogger<InferenceEndpoint>.Instance);
        var endpoint = await HttpEndpoint.StartAsync(
            new RestApplication(repository, options, lifecycle, inference, clock ?? TimeProvider.System),
            (adjust ?? (static o => o))(new EndpointOptions(IPAddress.Loopback, 0, BodyBytesMax)), NullLoggerFactory.Instance, CancellationToken.None);
        return new EchoServer(engine, endpoint, lifecycle, metrics);
    }

    /// <summary>Sends a whole request as it stands and reads the reply.</summary>
    public async Task<(int Status, string Text, byte[] Body)> SendAsync(byte[] request)
    {
        using var connection = new HttpConnection(Url.Host, Url.Port);
        var reply = await connection.ExchangeAsync(request, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        return (reply.Status, Encoding.UTF8.GetString(reply.Body.Span), reply.Body.ToArray());
    }

    public Task<(int Status, string Text, byte[] Body)> InferAsync(string json, byte[]? binary = null, string? headers = null) =>
        SendAsync(InferRequest(json, binary, headers));

    public static byte[] InferRequest(string json, byte[]? binary = null, string? headers = null, string path = "/v2/models/echo/infer")
    {
        var body = Encoding.UTF8.GetBytes(json);
        var length = binary is null ? "" : $"Inference-Header-Content-Length: {body.Length}\r\n";
        return Request("POST", path, headers ?? length, [.. body, .. binary ?? []]);
    }

    public static byte[] Request(string method, string path, string headers = "", byte[]? body = null) =>
        [.. Encoding.Latin1.GetBytes($"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}{(body is null ? "" : $"Content-Length: {body.Length}\r\n")}\r\n"), .. body ?? []];

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _endpoint.StopAsync(now.Token);
        _endpoint.Dispose();
    }
}
