using System.Net;
using InferenceRuntime.Transport.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace InferenceRuntime.Transport;

/// <summary>A listening HTTP port: Kestrel without the hosting layer, whose scopes and diagnostics cost more than a request.</summary>
internal sealed class HttpEndpoint : IDisposable
{
    private readonly KestrelServer _server;
    private readonly SocketTransport _sockets;

    private HttpEndpoint(KestrelServer server, SocketTransport sockets, EndpointOptions options)
    {
        _server = server;
        _sockets = sockets;
        var bound = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        var shown = IPAddress.Any.Equals(options.Address) ? IPAddress.Loopback : options.Address;
        Port = bound.Port;
        Url = new UriBuilder(options.Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, shown.ToString(), bound.Port).Uri;
    }

    /// <summary>The port that was bound.</summary>
    public int Port { get; }

    /// <summary>Where a process on this machine reaches it.</summary>
    public Uri Url { get; }

    /// <summary>Binds and begins to accept.</summary>
    /// <exception cref="IOException">The port is taken or may not be bound.</exception>
    public static async Task<HttpEndpoint> StartAsync<TContext>(
        IHttpApplication<TContext> application, EndpointOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
        where TContext : notnull
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false, RequestHeaderEncodingSelector = PlainLength.For };
        kestrel.Limits.KeepAliveTimeout = options.KeepAlive;
        kestrel.Limits.RequestHeadersTimeout = options.HeaderTimeMax;
        kestrel.Limits.MaxRequestHeaderCount = EndpointOptions.HeadersMax;
        kestrel.Limits.MinRequestBodyDataRate = options.BodyRateMin;
        kestrel.Limits.MaxRequestHeadersTotalSize = EndpointOptions.HeaderBytesMax;
        kestrel.Limits.MaxConcurrentConnections = EndpointOptions.ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax;
        kestrel.Limits.MaxResponseBufferSize = 1 << 20;
        kestrel.Limits.Http2.MaxStreamsPerConnection = EndpointOptions.StreamsMax;
        kestrel.Limits.Http2.KeepAlivePingDelay = EndpointOptions.PingDelay;
        kestrel.Listen(options.Address, options.Port, listen =>
        {
            listen.Protocols = options.Protocols;
            if (options.Age is { } age)
            {
                listen.Use(age.Watch);
            }

            if (options.Tls is { } tls)
            {
                tls.Use(kestrel, listen);
            }
        });

        // Not UnsafePreferInlineScheduling: a large body parsed on the thread that polls the sockets holds up every other connection.
        var sockets = new SocketTransport(loggers);
        var server = new KestrelServer(Options.Create(kestrel), sockets.Listeners, loggers);
        try
        {
            await server.StartAsync(application, cancellationToken).ConfigureAwait(false);
            return new HttpEndpoint(server, sockets, options);
        }
        catch
        {
            server.Dispose();
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>Stops accepting, closes idle connections and waits for the others; cancelled: cuts them.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public void Dispose()
    {
        _server.Dispose();
        _sockets.Dispose();
    }
}
