using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A collector that reads traces and forgets them.</summary>
internal sealed class TraceSink : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TraceSink(WebApplication application) => _application = application;

    public static async Task<TraceSink> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1));
        var application = builder.Build();
        application.Run(static context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await application.StartAsync(cancellationToken);
        return new TraceSink(application);
    }

    /// <summary>The environment of a server whose traces come here.</summary>
    /// <param name="sampler">Value of <c>OTEL_TRACES_SAMPLER</c>.</param>
    /// <param name="ratio">Value of its argument.</param>
    public string[] Environment(string sampler, string ratio = "1") =>
    [
        $"OTEL_EXPORTER_OTLP_ENDPOINT={_application.Urls.Single()}",
        "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        $"OTEL_TRACES_SAMPLER={sampler}",
        $"OTEL_TRACES_SAMPLER_ARG={ratio}",
    ];

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
