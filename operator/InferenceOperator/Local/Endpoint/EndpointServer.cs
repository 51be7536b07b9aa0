using System.Net;
using System.Text;
using InferenceOperator.Local.Endpoint.Grpc;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace InferenceOperator.Local.Endpoint;

/// <summary>What stands in front of all agents: Open Inference Protocol v2 over REST, plus <c>/agents</c> and <c>/metrics</c>, and over gRPC on a port of its own.</summary>
internal sealed class EndpointServer : IAsyncDisposable
{
    /// <summary>What it calls itself.</summary>
    public const string Name = "inference-operator";

    /// <summary>Its version.</summary>
    public const string Version = "0.1.0";

    private const string JsonType = "application/json";

    /// <summary>Calls open at once on one HTTP/2 connection, as at a replica; the client keeps more to itself.</summary>
    private const int StreamsMax = 512;

    /// <summary>An HTTP/2 client that says nothing for so long is asked whether it is still there.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(60);

    private static readonly byte[] ServerMetadata = Encoding.UTF8.GetBytes($$"""{"name":"{{Name}}","version":"{{Version}}","extensions":["binary_tensor_data"]}""");

    private readonly WebApplication _application;
    private readonly RouteTable _routes;
    private readonly Forwarder _forwarder;
    private readonly GrpcEndpoint _grpc;
    private readonly IEndpointPages _pages;

    private EndpointServer(WebApplication application, RouteTable routes, EndpointLimits limits, IEndpointPages pages, TimeProvider time)
    {
        var held = new HeldBytes(limits.HeldBytesMax);
        _application = application;
        _routes = routes;
        _forwarder = new Forwarder(limits, held);
        _grpc = new GrpcEndpoint(routes, limits, held, time, application.Lifetime.ApplicationStopping);
        _pages = pages;
    }

    /// <summary>Where it listens for REST, with the real port.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Where it listens for gRPC, with the real port.</summary>
    public Uri GrpcAddress { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts to listen.</summary>
    /// <param name="rest">Where for REST; port 0 takes a free one.</param>
    /// <param name="grpc">Where for gRPC; port 0 takes a free one.</param>
    /// <param name="routes">The agents.</param>
    /// <param name="limits">What it holds and waits for at most.</param>
    /// <param name="pages">What the endpoint says of itself.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">An address is in use or not of this machine.</exception>
    public static async Task<EndpointServer> StartAsync(
        IPEndPoint rest, IPEndPoint grpc, RouteTable routes, EndpointLimits limits, IEndpointPages pages, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // The forwarder counts, and answers 413 in the protocol's form.
            kestrel.Limits.MaxConcurrentConnections = 16_384;
            kestrel.Limits.MaxRequestHeadersTotalSize = RequestHead.BytesMax;
            kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsMax;
            kestrel.Limits.Http2.KeepAlivePingDelay = PingDelay;
            kestrel.Listen(rest, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(grpc, listen => listen.Protocols = HttpProtocols.Http2); // With prior knowledge, as gRPC clients speak it without TLS.
        });
        var application = builder.Build();
        var server = new EndpointServer(application, routes, limits, pages, time);
        application.Run(server.AnswerAsync);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        // In the order in which they were asked for.
        server.Address = new Uri(application.Urls.First());
        server.GrpcAddress = new Uri(application.Urls.Last());
        return server;
    }

    /// <summary>Takes no new connections, answers what is inside, and closes.</summary>
    /// <param name="cancellationToken">Cuts what is still inside.</param>
    public Task StopAsync(CancellationToken cancellationToken) => _application.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private Task AnswerAsync(HttpContext context) => HttpProtocol.IsHttp2(context.Request.Protocol) ? _grpc.AnswerAsync(context) : AnswerRestAsync(context);

    private Task AnswerRestAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (RouteTable.TryReadModel(path, out var model))
        {
            return _routes.Find(model) is not { } route ? RefuseUnknownAsync(context, model.ToString())
                : route.State.IsAsleep && IsReadinessOf(path, model) ? WriteAsync(context, StatusCodes.Status200OK, JsonType, """{"ready":true}"""u8.ToArray())
                : _forwarder.ForwardAsync(context, route);
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return ErrorReplies.WriteAsync(context.Response, StatusCodes.Status405MethodNotAllowed, $"{path} takes GET only", context.RequestAborted);
        }

        return path switch
        {
            "/v2" or "/v2/" => WriteAsync(context, StatusCodes.Status200OK, JsonType, ServerMetadata),
            "/v2/health/live" => WriteAsync(context, StatusCodes.Status200OK, JsonType, """{"live":true}"""u8.ToArray()),
            "/v2/health/ready" => WriteReadyAsync(context),
            "/agents" => WriteAsync(context, StatusCodes.Status200OK, JsonType, _pages.AgentsJson()),
            "/metrics" => WriteAsync(context, StatusCodes.Status200OK, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(_pages.MetricsText())),
            _ => ErrorReplies.WriteAsync(
                context.Response, StatusCodes.Status404NotFound, $"nothing is at {path}: models are under /v2/models/NAME, the list of agents is at /agents", context.RequestAborted),
        };
    }

    // A model that sleeps answers as soon as it is asked to compute, and somebody who only looks whether it does should not wake it.
    private static bool IsReadinessOf(string path, ReadOnlySpan<char> model) => path.AsSpan(RouteTable.ModelsPrefix.Length + model.Length) is "/ready";

    // Ready means that every agent has a replica to answer with or can be woken, as Open Inference Protocol asks: all models are ready.
    private Task WriteReadyAsync(HttpContext context)
    {
        var ready = _routes.All.All(static route => route.State.Serves);
        return WriteAsync(
            context,
            ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            JsonType,
            ready ? """{"ready":true}"""u8.ToArray() : """{"ready":false}"""u8.ToArray());
    }

    private Task RefuseUnknownAsync(HttpContext context, string model) =>
        ErrorReplies.WriteAsync(context.Response, StatusCodes.Status404NotFound, UnknownAgent.Say(model, _routes), context.RequestAborted);

    private static async Task WriteAsync(HttpContext context, int status, string contentType, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
