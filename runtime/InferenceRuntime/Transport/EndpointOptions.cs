using System.Net;
using InferenceRuntime.Transport.Access;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace InferenceRuntime.Transport;

/// <summary>Where a port listens and what it bears.</summary>
/// <param name="Address">Address to bind; <see cref="IPAddress.Any"/> for every one.</param>
/// <param name="Port">TCP port; 0 for a free one.</param>
/// <param name="BodyBytesMax">Longest request body.</param>
internal sealed record EndpointOptions(IPAddress Address, int Port, long BodyBytesMax)
{
    /// <summary>Connections open at once; one more is closed at once.</summary>
    public const int ConnectionsMax = 10_000;

    /// <summary>Longest header section of a request, bytes.</summary>
    public const int HeaderBytesMax = 16 * 1024;

    /// <summary>Most header fields of a request.</summary>
    public const int HeadersMax = 100;

    /// <summary>Requests open at once on one HTTP/2 connection; the client keeps more to itself.</summary>
    public const int StreamsMax = 512;

    /// <summary>Longest that a TLS handshake may take.</summary>
    public static readonly TimeSpan HandshakeTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>An HTTP/2 client that says nothing for so long is asked whether it is still there.</summary>
    public static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(60);

    /// <summary>Spoken without negotiation: HTTP/1.1, or HTTP/2 as clients with prior knowledge speak it.</summary>
    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1;

    /// <summary>Asks old connections to go; null: they stay.</summary>
    public ConnectionAge? Age { get; init; }

    /// <summary>Certificate and key of a port that speaks TLS; null: it does not.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>An idle connection is kept this long: longer than the 60 s of common load balancers, so that they close first.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(65);

    /// <summary>Longest that the header section of a request may take.</summary>
    public TimeSpan HeaderTimeMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A body that comes slower than this, after its time of grace, is refused with 408.</summary>
    public MinDataRate BodyRateMin { get; init; } = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));

    /// <summary>A gRPC port. Its calls bound each message themselves: a stream of many has no longest body.</summary>
    public static EndpointOptions ForGrpc(IPAddress address, int port, ConnectionAge age) =>
        new(address, port, BodyBytesMax: long.MaxValue) { Protocols = HttpProtocols.Http2, Age = age };
}
