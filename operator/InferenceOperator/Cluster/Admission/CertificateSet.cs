using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Admission;

/// <summary>All certificates of the webhook, as PEM: what its Secret holds, and all replicas share.</summary>
/// <param name="Authorities">Who is trusted, newest first; at least one.</param>
/// <param name="AuthorityKey">Private key of the newest.</param>
/// <param name="Certificate">What is served.</param>
/// <param name="Key">Its private key.</param>
internal sealed record CertificateSet(ImmutableArray<string> Authorities, string AuthorityKey, string Certificate, string Key)
{
    private const string EndOfCertificate = "-----END CERTIFICATE-----";

    // The names that Secrets of the type kubernetes.io/tls use; that type itself cannot be empty at first.
    private const string AuthoritiesEntry = "ca.crt";
    private const string AuthorityKeyEntry = "ca.key";
    private const string CertificateEntry = "tls.crt";
    private const string KeyEntry = "tls.key";

    /// <summary>All authorities, one after the other: what API servers are told to trust.</summary>
    public string Bundle => string.Concat(Authorities.Select(static pem => pem + "\n"));

    /// <summary>What a Secret holds; null: not all of it.</summary>
    public static CertificateSet? Read(JsonObject secret)
    {
        var data = secret["data"] as JsonObject;
        return Text(data, AuthoritiesEntry) is { } bundle && Split(bundle) is { IsEmpty: false } authorities
            && Text(data, AuthorityKeyEntry) is { } authorityKey && Text(data, CertificateEntry) is { } certificate && Text(data, KeyEntry) is { } key
            ? new CertificateSet(authorities, authorityKey, certificate, key)
            : null;
    }

    /// <summary>The field <c>data</c> of the Secret.</summary>
    public JsonObject ToData() => new()
    {
        [AuthoritiesEntry] = Base64(Bundle),
        [AuthorityKeyEntry] = Base64(AuthorityKey),
        [CertificateEntry] = Base64(Certificate),
        [KeyEntry] = Base64(Key),
    };

    public bool Equals(CertificateSet? other) =>
        other is not null && Bundle == other.Bundle && AuthorityKey == other.AuthorityKey && Certificate == other.Certificate && Key == other.Key;

    public override int GetHashCode() => HashCode.Combine(Bundle, Certificate);

    /// <summary>Without the keys.</summary>
    public override string ToString() => $"{Authorities.Length} authorities and a certificate";

    private static ImmutableArray<string> Split(string bundle) =>
        [.. bundle.Split(EndOfCertificate, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static pem => pem + "\n" + EndOfCertificate)];

    private static string? Text(JsonObject? data, string entry)
    {
        try
        {
            return data?[entry] is JsonValue value && value.TryGetValue<string>(out var base64) && base64.Length > 0 ? Encoding.UTF8.GetString(Convert.FromBase64String(base64)) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
