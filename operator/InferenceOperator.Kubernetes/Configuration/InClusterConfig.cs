using System.Globalization;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>Reaches the cluster that this runs in, as the pod's service account.</summary>
internal static class InClusterConfig
{
    public const string MountedFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    public const string SourceName = "in-cluster";

    private const string HostVariable = "KUBERNETES_SERVICE_HOST";
    private const string PortVariable = "KUBERNETES_SERVICE_PORT";

    public static bool IsPresent(Func<string, string?> environment) => !string.IsNullOrEmpty(environment(HostVariable));

    public static KubernetesConfig Read(Func<string, string?> environment, string folder)
    {
        var host = environment(HostVariable) ?? throw new KubernetesConfigException($"{HostVariable} is not set");
        var portText = environment(PortVariable) ?? "443";
        if (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new KubernetesConfigException($"{PortVariable} is \"{portText}\", not a port");
        }

        var token = Path.Combine(folder, "token");
        if (!File.Exists(token))
        {
            throw new KubernetesConfigException(
                $"{HostVariable} is set but {token} does not exist; does the pod say automountServiceAccountToken: false?");
        }

        var tls = new TlsPieces("", new PemPiece("in-cluster", "", Path.Combine(folder, "ca.crt")), PemPiece.None, PemPiece.None);
        var namespaceFile = Path.Combine(folder, "namespace");
        return new KubernetesConfig
        {
            Server = new UriBuilder(Uri.UriSchemeHttps, host, port).Uri,
            Source = SourceName,
            Namespace = File.Exists(namespaceFile) ? File.ReadAllText(namespaceFile).Trim() : "default",
            CertificateAuthorities = tls.AuthoritiesOf(tls.Read()),
            Tls = tls,
            Credentials = new TokenFileCredentials(token),
        };
    }
}
