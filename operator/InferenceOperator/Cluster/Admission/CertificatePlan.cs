using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace InferenceOperator.Cluster.Admission;

/// <summary>What is to be done about the certificates. Depends on what is there and on the time alone, so that all replicas come to the same.</summary>
/// <remarks>
/// A successor of the authority is trusted beside it first, and signs only after <see cref="CertificateTimes.Overlap"/>; the old one stays trusted until it
/// expires. Whatever an API server has seen last of the two, it trusts what is served.
/// </remarks>
internal static class CertificatePlan
{
    /// <param name="current">What there is; null: nothing, or nothing that can be read.</param>
    /// <param name="names">What the certificate has to be good for.</param>
    /// <param name="now">The time (UTC).</param>
    /// <returns>What there should be instead; null: all is well.</returns>
    public static CertificateSet? Next(CertificateSet? current, ImmutableArray<string> names, DateTimeOffset now)
    {
        using var held = new Held(current, now);
        var next = current;
        var made = false;
        if (!held.NewestSigns || held.Newest is not { } newest || Left(newest, now) < CertificateTimes.AuthorityLeast)
        {
            var (authority, key) = CertificateIssuer.Authority(now);
            var still = held.Trusted.Select(static certificate => certificate.ExportCertificatePem());
            next = new CertificateSet([authority, .. still], key, current?.Certificate ?? "", current?.Key ?? "");
            made = true;
        }
        else if (held.Trusted.Length < current!.Authorities.Length) // The newest is one of them.
        {
            next = current with { Authorities = [.. held.Trusted.Select(static certificate => certificate.ExportCertificatePem())] };
        }

        var root = held.RootOf(names);
        var isRipe = !made && held.Newest is { } signer && now - (new DateTimeOffset(signer.NotBefore.ToUniversalTime()) + CertificateTimes.Backdate) >= CertificateTimes.Overlap;
        if (root is null || (isRipe && (root != held.Newest?.Thumbprint || Left(held.Serving!, now) < CertificateTimes.ServingLeast))) // What has a root is there.
        {
            using var authority = X509Certificate2.CreateFromPem(next!.Authorities[0], next.AuthorityKey); // There is one by now.
            var (certificate, key) = CertificateIssuer.Server(authority, names, now);
            next = next with { Certificate = certificate, Key = key };
        }

        return next == current ? null : next;
    }

    /// <summary>The serving certificate with its key.</summary>
    /// <exception cref="CryptographicException">They are no pair, which <see cref="Next"/> would have mended.</exception>
    public static X509Certificate2 Open(CertificateSet set) => X509Certificate2.CreateFromPem(set.Certificate, set.Key);

    private static TimeSpan Left(X509Certificate2 certificate, DateTimeOffset now) => new DateTimeOffset(certificate.NotAfter.ToUniversalTime()) - now;

    /// <summary>The certificates of a set, opened as far as they are good at a time.</summary>
    private sealed class Held : IDisposable
    {
        private readonly DateTimeOffset _now;

        public Held(CertificateSet? set, DateTimeOffset now)
        {
            _now = now;
            X509Certificate2?[] all = [.. (set?.Authorities ?? []).Select(static pem => TryOpen(pem, null))];
            Trusted = [.. all.OfType<X509Certificate2>().Where(certificate => Left(certificate, now) > TimeSpan.Zero)];
            Serving = set is null ? null : TryOpen(set.Certificate, set.Key);
            using var signing = set is null || Trusted.IsEmpty ? null : TryOpen(set.Authorities[0], set.AuthorityKey);
            NewestSigns = signing is not null && signing.Thumbprint == Trusted[0].Thumbprint;
        }

        /// <summary>Authorities that have not expired, newest first.</summary>
        public ImmutableArray<X509Certificate2> Trusted { get; }

        /// <summary>Null: none is left.</summary>
        public X509Certificate2? Newest => Trusted.IsEmpty ? null : Trusted[0];

        /// <summary>Whether the newest authority's key is there.</summary>
        public bool NewestSigns { get; }

        /// <summary>Null: there is none with its key.</summary>
        public X509Certificate2? Serving { get; }

        /// <summary>Thumbprint of the trusted authority that vouches for the serving certificate and all the names; null: none does.</summary>
        public string? RootOf(ImmutableArray<string> names)
        {
            if (Serving is null || !names.All(name => Serving.MatchesHostname(name, allowWildcards: false, allowCommonName: false)))
            {
                return null;
            }

            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationTime = _now.UtcDateTime;
            chain.ChainPolicy.CustomTrustStore.AddRange(Trusted.ToArray());
            var root = chain.Build(Serving) ? chain.ChainElements[^1].Certificate.Thumbprint : null;
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }

            return root;
        }

        public void Dispose()
        {
            Serving?.Dispose();
            foreach (var certificate in Trusted)
            {
                certificate.Dispose();
            }
        }

        private static X509Certificate2? TryOpen(string certificate, string? key)
        {
            try
            {
                return key is null ? X509Certificate2.CreateFromPem(certificate) : X509Certificate2.CreateFromPem(certificate, key);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                return null;
            }
        }
    }
}
