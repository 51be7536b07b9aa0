using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace InferenceOperator.Cluster.Serving;

/// <summary>The operator's own endpoint: <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>, <c>/decisions/NAMESPACE/NAME</c>. Only reads.</summary>
internal sealed class OperatorEndpoint : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly IOperatorPages _pages;

    private OperatorEndpoint(WebApplication application, IOperatorPages pages)
    {
        _application = application;
        _pages = pages;
    }

    /// <summary>Where it listens, with the real port.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts to listen.</summary>
    /// <exception cref="IOException">The address is in use or not of this machine.</exception>
    public static async Task<OperatorEndpoint> StartAsync(IPEndPoint listen, IOperatorPages pages, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Listen(listen, static on => on.Protocols = HttpProtocols.Http1);
        });
        var application = builder.Build();
        var endpoint = new OperatorEndpoint(application, pages);
        application.Run(endpoint.AnswerAsync);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        endpoint.Address = new Uri(application.Urls.First());
        return endpoint;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            return SendAsync(context, StatusCodes.Status405MethodNotAllowed, "text/plain", "only GET\n"u8.ToArray());
        }

        const string decisions = "/decisions/";
        return path switch
        {
            "/healthz" => Probe(context, _pages.Illness),
            "/readyz" => Probe(context, _pages.NotReadyBecause),
            "/metrics" => SendAsync(context, StatusCodes.Status200OK, InferenceRuntime.Contract.PrometheusTextWriter.ContentType, _pages.Metrics()),
            _ when path.StartsWith(decisions, StringComparison.Ordinal) && _pages.Decisions(path[decisions.Length..]) is { } lines =>
                SendAsync(context, StatusCodes.Status200OK, "application/x-ndjson", lines),
            _ => SendAsync(context, StatusCodes.Status404NotFound, "text/plain", "here are /healthz, /readyz, /metrics and /decisions/NAMESPACE/NAME\n"u8.ToArray()),
        };
    }

    private static Task Probe(HttpContext context, string? problem) => problem is null
        ? SendAsync(context, StatusCodes.Status200OK, "text/plain", "ok\n"u8.ToArray())
        : SendAsync(context, StatusCodes.Status503ServiceUnavailable, "text/plain", System.Text.Encoding.UTF8.GetBytes(problem + "\n"));

    private static async Task SendAsync(HttpContext context, int status, string type, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }
}
