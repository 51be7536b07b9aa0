using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace InferenceRuntime.Transport.Access;

/// <summary>What a data port shows and asks for in TLS, from mounted PEM files; followed. Thread safe.</summary>
/// <remarks>New files hold for new connections; those that are open keep what they began with.</remarks>
internal sealed class TlsFiles
{
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly FollowedFiles<SslServerAuthenticationOptions> _options;

    /// <param name="certificate">The server's certificate, followed by those between it and its root.</param>
    /// <param name="key">Its private key.</param>
    /// <param name="clientCa">Roots of the clients' certificates, which are then required; null when clients need none.</param>
    /// <param name="clock">Paces the looks at the files.</param>
    /// <param name="logger">Where bad files are reported.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="CryptographicException">A file is not what it has to be.</exception>
    public TlsFiles(string certificate, string key, string? clientCa, TimeProvider clock, ILogger logger) =>
        _options = new FollowedFiles<SslServerAuthenticationOptions>(
            clientCa is null ? [certificate, key] : [certificate, key, clientCa], static files => Read([.. files.Select(Encoding.UTF8.GetString)]), clock, logger);

    /// <summary>Makes a port speak TLS.</summary>
    public void Use(KestrelServerOptions kestrel, ListenOptions listen)
    {
        // Kestrel's TLS takes its metrics and settings from a host's services; without TLS none are needed.
        var host = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        host.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        kestrel.ApplicationServices = host.Build().Services;
        var protocols = listen.Protocols == HttpProtocols.Http2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = EndpointOptions.HandshakeTimeMax,
            OnConnection = _ => new ValueTask<SslServerAuthenticationOptions>(Now(protocols)),
        });
    }

    /// <summary>What holds for a connection that begins now.</summary>
    private SslServerAuthenticationOptions Now(SslApplicationProtocol protocol)
    {
        var options = _options.Current;
        return new SslServerAuthenticationOptions
        {
            ApplicationProtocols = [protocol],
            ServerCertificateContext = options.ServerCertificateContext,
            ClientCertificateRequired = options.ClientCertificateRequired,
            CertificateChainPolicy = options.CertificateChainPolicy,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }

    private static SslServerAuthenticationOptions Read(string[] pem)
    {
        using var fromPem = Pair(pem[0], pem[1]);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(pem[0]);
        chain.RemoveAt(0);
        // The key has to belong to a certificate object that outlives this method.
        var certificate = X509CertificateLoader.LoadPkcs12(fromPem.Export(X509ContentType.Pkcs12), password: null);
        var options = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true) };
        if (pem.Length > 2)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPem(pem[2]);
            options.CertificateChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
            if (options.CertificateChainPolicy.CustomTrustStore.Count == 0)
            {
                throw new CryptographicException("the file of client roots holds no certificate");
            }
        }

        return options;
    }

    private static X509Certificate2 Pair(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("the certificate and the private key do not belong together", e);
        }
    }
}
