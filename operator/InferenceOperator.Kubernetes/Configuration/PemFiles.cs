using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>Reads certificates and keys, from files or inline base64.</summary>
internal static class PemFiles
{
    public static X509Certificate2Collection AuthoritiesIn(string origin, string pem)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException error)
        {
            throw new KubernetesConfigException($"{origin}: not PEM certificates: {error.Message}", error);
        }

        return authorities.Count > 0 ? authorities : throw new KubernetesConfigException($"{origin} holds no certificate");
    }

    public static X509Certificate2 WithKey(string origin, string certificatePem, string keyPem)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new KubernetesConfigException($"{origin}: client certificate and key do not make a pair: {error.Message}", error);
        }
    }

    public static string Text(string field, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesConfigException($"{field}: {error.Message}", error);
        }
    }

    public static string Decode(string field, string base64)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException error)
        {
            throw new KubernetesConfigException($"{field} is not base64", error);
        }
    }
}
