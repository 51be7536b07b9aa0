using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>The token that opens the admin port of an agent's replicas.</summary>
internal static class SecretManifest
{
    /// <summary>Bytes of a token before it is written as hexadecimal text.</summary>
    public const int TokenBytes = 32;

    public static JsonObject Render(InferenceAgent agent, string token)
    {
        var names = ChildNames.Of(agent.Metadata.Name);
        var manifest = ChildManifest.Begin(ResourceType.Secrets, names.AdminToken, agent, names);
        manifest["type"] = "Opaque";
        manifest["data"] = new JsonObject { [RuntimePaths.AdminTokenFile] = Convert.ToBase64String(Encoding.ASCII.GetBytes(token)) };
        return manifest;
    }

    /// <summary>The token in a live Secret; null when it holds none that could be one.</summary>
    public static string? TokenOf(JsonObject secret)
    {
        if ((secret["data"] as JsonObject)?[RuntimePaths.AdminTokenFile] is not JsonValue data || !data.TryGetValue<string>(out var text))
        {
            return null;
        }

        var bytes = new byte[(text.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || length < TokenBytes)
        {
            return null;
        }

        var token = Encoding.UTF8.GetString(bytes, 0, length);
        return token.All(char.IsAsciiLetterOrDigit) ? token : null;
    }
}
