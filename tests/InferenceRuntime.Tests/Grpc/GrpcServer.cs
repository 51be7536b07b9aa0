using System.Net;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Grpc;
using InferenceRuntime.Observability;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Grpc;

/// <summary>The gRPC port over an engine, on a free port of the loopback.</summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    public const int MessageBytesMax = 32 << 20;

    private readonly HttpEndpoint _endpoint;

    private GrpcServer(HttpEndpoint endpoint, ReplicaLifecycle lifecycle, RequestMetrics metrics, ConnectionAge age)
    {
        _endpoint = endpoint;
        Lifecycle = lifecycle;
        Metrics = metrics;
        Age = age;
    }

    public ReplicaLifecycle Lifecycle { get; }

    public RequestMetrics Metrics { get; }

    public ConnectionAge Age { get; }

    public Uri Url => _endpoint.Url;

    /// <summary>The port over an engine that echoes.</summary>
    public static async Task<(GrpcServer Server, EchoEngine Engine)> StartEchoAsync(ModelSignature signature)
    {
        var engine = new EchoEngine(signature);
        return (await StartAsync(engine), engine);
    }

    /// <param name="engine">Who answers.</param>
    /// <param name="ageMax">Age at which connections are asked to go; zero for never.</param>
    /// <param name="budget">Bytes that all messages together may hold.</param>
    /// <param name="tokens">Tokens that clients need; null: none.</param>
    /// <param name="modelControl">Clients may load and unload models.</param>
    public static Task<GrpcServer> StartAsync(
        IInferenceEngine engine, TimeSpan ageMax = default, long budget = 8L * MessageBytesMax, BearerTokens? tokens = null, bool modelControl = true) =>
        StartAsync(new SingleModel(engine), ageMax, budget, tokens, modelControl);

    /// <inheritdoc cref="StartAsync(IInferenceEngine, TimeSpan, long, BearerTokens?, bool)"/>
    public static async Task<GrpcServer> StartAsync(
        IModelRepository repository, TimeSpan ageMax = default, long budget = 8L * MessageBytesMax, BearerTokens? tokens = null, bool modelControl = true)
    {
        var lifecycle = new ReplicaLifecycle();
        lifecycle.MoveTo(ReplicaPhase.Ready);
        var metrics = new RequestMetrics(slo: null);
        var age = new ConnectionAge(ageMax, TimeProvider.System);
        var methods = new GrpcMethods(repository, metrics, lifecycle, new BodyBudget(budget), MessageBytesMax, modelControl, TimeProvider.System);
        var endpoint = await HttpEndpoint.StartAsync(
            new GrpcApplication(methods, tokens, TimeProvider.System, NullLogger<GrpcApplication>.Instance),
            EndpointOptions.ForGrpc(IPAddress.Loopback, 0, age), NullLoggerFactory.Instance, CancellationToken.None);
        return new GrpcServer(endpoint, lifecycle, metrics, age);
    }

    /// <summary>Stops as a drain does: open calls are let end.</summary>
    public Task StopAsync() => _endpoint.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _endpoint.StopAsync(now.Token);
        _endpoint.Dispose();
    }
}
