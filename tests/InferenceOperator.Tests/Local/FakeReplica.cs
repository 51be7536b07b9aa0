using System.Net;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Local.Endpoint.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace InferenceOperator.Tests.Local;

/// <summary>An HTTP server on loopback, with a port for gRPC, that stands where a replica would.</summary>
internal sealed class FakeReplica : IAsyncDisposable
{
    private readonly WebApplication _application;

    private FakeReplica(WebApplication application)
    {
        _application = application;
        EndPoint = new IPEndPoint(IPAddress.Loopback, new Uri(application.Urls.First()).Port);
        GrpcEndPoint = new IPEndPoint(IPAddress.Loopback, new Uri(application.Urls.Last()).Port);
    }

    public IPEndPoint EndPoint { get; }

    public IPEndPoint GrpcEndPoint { get; }

    public static async Task<FakeReplica> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        return new FakeReplica(application);
    }

    public Upstream AsUpstream(string name, EndpointLimits limits) => new(name, EndPoint, new GrpcChannel(GrpcEndPoint), limits, TimeProvider.System);

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
