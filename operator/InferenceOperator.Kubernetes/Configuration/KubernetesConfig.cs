using System.Security.Cryptography.X509Certificates;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>How to reach one API server, and as whom.</summary>
public sealed class KubernetesConfig
{
    /// <summary>The address; its path, if any, is kept in front of every request.</summary>
    public required Uri Server { get; init; }

    /// <summary>Where this came from, for messages: a file with its context, or <c>in-cluster</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Whether this program is a pod of the cluster.</summary>
    public bool IsInCluster => Source == InClusterConfig.SourceName;

    /// <summary>The namespace to work in when none is named.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Who may have signed the server's certificate; empty for those that the system trusts.</summary>
    public X509Certificate2Collection CertificateAuthorities { get; init; } = [];

    /// <summary>Certificate with private key; null when the client does not identify itself that way.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The name expected in the server's certificate; empty for the host of <see cref="Server"/>.</summary>
    public string TlsServerName { get; init; } = "";

    /// <summary>Whether anybody may pose as the server. Only where the kubeconfig says so itself.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The proxy to go through; null for the one the environment names, if any.</summary>
    public Uri? Proxy { get; init; }

    internal Credentials Credentials { get; init; } = Credentials.None;

    /// <summary>Where authorities and client certificate come from, to be read again; null: they stay what they are.</summary>
    internal TlsPieces? Tls { get; init; }

    /// <summary>Sent with each request.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// Looks in this order: <paramref name="kubeconfig"/>; the files in <c>KUBECONFIG</c>; the service account of the pod this runs in;
    /// <c>~/.kube/config</c>.
    /// </summary>
    /// <param name="kubeconfig">A kubeconfig file; null to look further.</param>
    /// <param name="context">A context of the kubeconfig; null for its current one.</param>
    /// <exception cref="KubernetesConfigException">Nothing was found, or what was found does not make sense.</exception>
    public static KubernetesConfig Load(string? kubeconfig, string? context) =>
        ConfigSearch.Find(
            kubeconfig,
            context,
            Environment.GetEnvironmentVariable,
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
}
