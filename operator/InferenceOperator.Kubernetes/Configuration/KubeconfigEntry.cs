using YamlDotNet.RepresentationModel;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>One mapping of a kubeconfig, with where it stands for messages and for paths relative to its file.</summary>
/// <param name="Place">Such as <c>/home/a/.kube/config: users[a].user</c>.</param>
internal sealed record KubeconfigEntry(string File, string Place, YamlMappingNode Node)
{
    /// <summary>The value as text; empty when absent or null.</summary>
    public string Text(string field)
    {
        if (!Node.Children.TryGetValue(new YamlScalarNode(field), out var value))
        {
            return "";
        }

        return value is YamlScalarNode scalar
            ? scalar.Value is { } text && !IsNull(scalar) ? text : ""
            : throw new KubernetesConfigException($"{Place}.{field} must be a single value");
    }

    public bool Flag(string field) => Text(field) switch
    {
        "" or "false" => false,
        "true" => true,
        var other => throw new KubernetesConfigException($"{Place}.{field} is \"{other}\", neither true nor false"),
    };

    public Uri? Address(string field)
    {
        var text = Text(field);
        if (text.Length == 0)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "socks5"
            ? address
            : throw new KubernetesConfigException($"{Place}.{field} is \"{text}\", not an http or https address");
    }

    /// <summary>The text of <c>field-data</c> (base64), else the file that <c>field</c> names.</summary>
    public PemPiece InlineOrFile(string field)
    {
        var inline = Text(field + "-data");
        return inline.Length > 0
            ? new PemPiece($"{Place}.{field}-data", PemFiles.Decode($"{Place}.{field}-data", inline), "")
            : new PemPiece($"{Place}.{field}", "", PathOf(field));
    }

    /// <summary>A path; relative ones are meant from the kubeconfig's folder.</summary>
    public string PathOf(string field)
    {
        var path = Text(field);
        return path.Length == 0 ? "" : Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(File))!); // A file has a folder.
    }

    public KubeconfigEntry? Child(string field)
    {
        if (!Node.Children.TryGetValue(new YamlScalarNode(field), out var value) || (value is YamlScalarNode scalar && IsNull(scalar)))
        {
            return null;
        }

        return value is YamlMappingNode mapping
            ? new KubeconfigEntry(File, $"{Place}.{field}", mapping)
            : throw new KubernetesConfigException($"{Place}.{field} must be a mapping");
    }

    public IEnumerable<YamlNode> Sequence(string field)
    {
        if (!Node.Children.TryGetValue(new YamlScalarNode(field), out var value) || (value is YamlScalarNode scalar && IsNull(scalar)))
        {
            return [];
        }

        return value is YamlSequenceNode sequence
            ? sequence.Children
            : throw new KubernetesConfigException($"{Place}.{field} must be a list");
    }

    private static bool IsNull(YamlScalarNode scalar) =>
        scalar.Style is YamlDotNet.Core.ScalarStyle.Plain && scalar.Value is null or "" or "null" or "~";
}
