using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using InferenceOperator.Kubernetes.Configuration;

namespace InferenceOperator.Kubernetes.Transport;

/// <summary>Makes the connections to one API server; public, so that a program may put a handler of its own in front of them.</summary>
public static class ConnectionHandlers
{
    /// <summary>Connections are renewed this often, so that address changes and new certificates are seen.</summary>
    private static readonly TimeSpan LifetimeMax = TimeSpan.FromMinutes(10);

    /// <summary>The same where certificates come from a plugin and live shortly.</summary>
    private static readonly TimeSpan RenewedLifetimeMax = TimeSpan.FromMinutes(1);

    /// <summary>Connections as the configuration says: authorities, client certificate, proxy. Files that it names are read again while it is used.</summary>
    public static HttpMessageHandler For(KubernetesConfig config) => For(config, TimeProvider.System);

    internal static HttpMessageHandler For(KubernetesConfig config, TimeProvider time) => config.Tls is { MayChange: true } tls
        ? new RenewedConnections(tls, texts => Connections(config, tls.AuthoritiesOf(texts), tls.CertificateOf(texts)), time)
        : Connections(config, config.CertificateAuthorities, config.ClientCertificate);

    private static SocketsHttpHandler Connections(KubernetesConfig config, X509Certificate2Collection authorities, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = config.Credentials.GivesCertificates ? RenewedLifetimeMax : LifetimeMax,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // A watch is silent for minutes: pings are what shows that the other side is gone.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = TimeSpan.FromSeconds(20),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        if (config.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy) { Credentials = ProxyUser(proxy) };
        }

        Secure(handler.SslOptions, config, authorities, certificate);
        return handler;
    }

    private static NetworkCredential? ProxyUser(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    private static void Secure(SslClientAuthenticationOptions tls, KubernetesConfig config, X509Certificate2Collection authorities, X509Certificate2? certificate)
    {
        if (config.TlsServerName.Length > 0)
        {
            tls.TargetHost = config.TlsServerName;
        }

        if (certificate is not null)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        }
        else if (config.Credentials.GivesCertificates)
        {
            // Credentials are asked for before each request, so that there is one before the first connection.
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => config.Credentials.Certificate!; // Null is allowed: no certificate.
        }

        if (config.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // Only when the kubeconfig says insecure-skip-tls-verify: true, which the loader reports.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (authorities.Count > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(authorities);
            tls.CertificateChainPolicy = policy;
        }
    }
}
