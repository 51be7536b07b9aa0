using System.Net;

namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>The HTTP/2 connections to one replica's gRPC port, opened as calls need them. Thread safe.</summary>
/// <remarks>Unlike over HTTP/1.1 (docs/decisions/0005) a reply is held until it is whole, so that how much of it had come when a connection broke does not matter.</remarks>
internal sealed class GrpcChannel(IPEndPoint address) : IDisposable
{
    private static readonly TimeSpan ConnectTimeMax = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = ConnectTimeMax,
    });

    /// <summary>The replica's gRPC port.</summary>
    public IPEndPoint Address => address;

    /// <summary>Sends a request; gives the reply when its headers have come.</summary>
    /// <exception cref="HttpRequestException">The replica cannot be reached, or the connection broke.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

    public void Dispose() => _invoker.Dispose();
}
