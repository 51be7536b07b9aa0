using System.Net;
using InferenceOperator.Local.Endpoint;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace InferenceOperator.Tests.Local;

/// <summary>An HTTP server on loopback that stands where a replica would.</summary>
internal sealed class FakeReplica : IAsyncDisposable
{
    private readonly WebApplication _application;

    private FakeReplica(WebApplication application, int port)
    {
        _application = application;
        EndPoint = new IPEndPoint(IPAddress.Loopback, port);
    }

    public IPEndPoint EndPoint { get; }

    public static async Task<FakeReplica> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        return new FakeReplica(application, new Uri(application.Urls.First()).Port);
    }

    public Upstream AsUpstream(string name, EndpointLimits limits) => new(name, EndPoint, limits, TimeProvider.System);

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
