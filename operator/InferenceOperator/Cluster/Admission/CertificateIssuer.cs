using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace InferenceOperator.Cluster.Admission;

/// <summary>Makes certificates: ECDSA on P-256 with SHA-256, for a TLS server and its own authority.</summary>
internal static class CertificateIssuer
{
    private const int SerialBytes = 16;

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>A new authority, which signs nothing but certificates of servers.</summary>
    /// <returns>Certificate and private key, PEM.</returns>
    public static (string Certificate, string Key) Authority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = string.Create(CultureInfo.InvariantCulture, $"CN=inference-operator admission {now.UtcDateTime:yyyyMMddHHmmss}");
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - CertificateTimes.Backdate, now + CertificateTimes.AuthorityLife);
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A certificate for a server, which does not outlive its authority.</summary>
    /// <param name="authority">With its private key.</param>
    /// <param name="names">Host names and addresses; at least one.</param>
    /// <param name="now">The time (UTC).</param>
    /// <returns>Certificate and private key, PEM.</returns>
    public static (string Certificate, string Key) Server(X509Certificate2 authority, ImmutableArray<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Nobody reads the subject, which is short; names are found in the extension.
        var request = new CertificateRequest("CN=inference-operator", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuthentication], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(Alternatives(names));
        var (from, until) = (now - CertificateTimes.Backdate, now + CertificateTimes.ServingLife);
        var (first, last) = (new DateTimeOffset(authority.NotBefore.ToUniversalTime()), new DateTimeOffset(authority.NotAfter.ToUniversalTime()));
        using var certificate = request.Create(authority, from < first ? first : from, until > last ? last : until, RandomNumberGenerator.GetBytes(SerialBytes));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Extension Alternatives(ImmutableArray<string> names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        return alternatives.Build();
    }
}
