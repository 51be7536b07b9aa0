using System.Security.Cryptography.X509Certificates;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>What makes connections secure: who may have signed the server's certificate, and the client's own with its key.</summary>
/// <param name="Place">Where the client's stand, for messages.</param>
internal sealed record TlsPieces(string Place, PemPiece Authorities, PemPiece Certificate, PemPiece Key)
{
    /// <summary>Whether any of it lies in a file, which may come to hold another.</summary>
    public bool MayChange => Authorities.IsFile || Certificate.IsFile || Key.IsFile;

    /// <summary>What they hold now.</summary>
    /// <exception cref="KubernetesConfigException">A file cannot be read.</exception>
    public TlsTexts Read() => new(Authorities.Read(), Certificate.Read(), Key.Read());

    /// <exception cref="KubernetesConfigException">It is no certificate.</exception>
    public X509Certificate2Collection AuthoritiesOf(TlsTexts texts) =>
        texts.Authorities.Length == 0 ? [] : PemFiles.AuthoritiesIn($"{Authorities.Origin} {Authorities.Path}".TrimEnd(), texts.Authorities);

    /// <summary>Null: the client does not identify itself that way.</summary>
    /// <exception cref="KubernetesConfigException">One of the two is missing, or they do not belong together.</exception>
    public X509Certificate2? CertificateOf(TlsTexts texts) => (texts.Certificate.Length, texts.Key.Length) switch
    {
        (0, 0) => null,
        (0, _) => throw new KubernetesConfigException($"{Place} has client-key but no client-certificate"),
        (_, 0) => throw new KubernetesConfigException($"{Place} has client-certificate but no client-key"),
        _ => PemFiles.WithKey(Place, texts.Certificate, texts.Key),
    };
}
