using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace InferenceRuntime.Fetching.Network;

/// <summary>Makes HTTP clients that connect only where <see cref="AddressRules"/> let them.</summary>
/// <remarks>
/// The address is judged when it is connected to, and it is the very one that is connected to: a name that resolves to
/// another address a moment later gains nothing. No proxy is used, because it would resolve names by itself.
/// </remarks>
/// <param name="rules">Where connections may go.</param>
/// <param name="resolve">Finds the addresses of a name.</param>
internal sealed class GuardedConnections(AddressRules rules, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>By the names that the machine's resolver knows.</summary>
    public GuardedConnections(AddressRules rules)
        : this(rules, Dns.GetHostAddressesAsync)
    {
    }

    /// <summary>A client without redirects, cookies, proxy and decompression.</summary>
    /// <param name="authorities">Certificates, PEM, that are trusted in place of the machine's; null: the machine's.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">There is no certificate in <paramref name="authorities"/>.</exception>
    public HttpMessageInvoker CreateClient(string? authorities)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = ConnectAsync,
            MaxResponseHeadersLength = 64,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            UseCookies = false,
            UseProxy = false,
        };
        if (authorities is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(authorities);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return new HttpMessageInvoker(handler, disposeHandler: true);
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host.Trim('[', ']');
        var isPlain = context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken).ConfigureAwait(false);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        string? refusal = null;
        SocketException? fault = null;
        foreach (var address in addresses)
        {
            if (rules.Refusal(host, address, isPlain) is { } reason)
            {
                refusal ??= reason;
                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                fault = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw fault is not null ? fault : new RefusedAddressException(refusal!); // One of the two: there was an address.
    }
}
