using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>What the <c>exec</c> entry of a kubeconfig says about its plugin (<c>client.authentication.k8s.io</c> v1 and v1beta1).</summary>
internal sealed record ExecRequest
{
    private const string Group = "client.authentication.k8s.io/";

    /// <summary>The program: a name that is looked for on the PATH, or a path.</summary>
    public required string Command { get; init; }

    /// <summary>Where the entry stands, for messages.</summary>
    public required string Place { get; init; }

    public required string ApiVersion { get; init; }

    public required string[] Arguments { get; init; }

    /// <summary>Set in the plugin's environment, but for <c>KUBERNETES_EXEC_INFO</c>.</summary>
    public required Dictionary<string, string> Variables { get; init; }

    public required ExecInteraction Interaction { get; init; }

    /// <summary>What to say when the program is not there; empty: nothing.</summary>
    public required string InstallHint { get; init; }

    /// <summary>The cluster, for plugins that want to know; null: this one does not.</summary>
    public required JsonObject? Cluster { get; init; }

    /// <exception cref="KubernetesConfigException">The entry does not make sense.</exception>
    public static ExecRequest From(KubeconfigEntry exec, KubeconfigEntry cluster)
    {
        var command = exec.Text("command");
        if (command.Length == 0)
        {
            throw new KubernetesConfigException($"{exec.Place}.command is missing");
        }

        var version = exec.Text("apiVersion");
        if (version is not (Group + "v1" or Group + "v1beta1"))
        {
            throw new KubernetesConfigException($"{exec.Place}.apiVersion is \"{version}\", neither {Group}v1 nor {Group}v1beta1");
        }

        var variables = new Dictionary<string, string>();
        foreach (var node in exec.Sequence("env").OfType<YamlMappingNode>())
        {
            var entry = new KubeconfigEntry(exec.File, $"{exec.Place}.env", node);
            variables[entry.Text("name")] = entry.Text("value");
        }

        return new ExecRequest
        {
            // As kubectl: a name with a folder in it is meant from the kubeconfig's folder, a bare name from the PATH.
            Command = command.Contains('/', StringComparison.Ordinal) ? exec.PathOf("command") : command,
            Place = exec.Place,
            ApiVersion = version,
            Arguments = [.. exec.Sequence("args").Select(static argument => argument.ToString())],
            Variables = variables,
            Interaction = InteractionOf(exec, version),
            InstallHint = exec.Text("installHint").Trim(),
            Cluster = exec.Flag("provideClusterInfo") ? ClusterOf(cluster) : null,
        };
    }

    /// <summary>The value of <c>KUBERNETES_EXEC_INFO</c>.</summary>
    public string Information(bool interactive)
    {
        var spec = new JsonObject { ["interactive"] = interactive };
        if (Cluster is not null)
        {
            spec["cluster"] = Cluster.DeepClone();
        }

        return new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec }.ToJsonString();
    }

    private static ExecInteraction InteractionOf(KubeconfigEntry exec, string version) => exec.Text("interactiveMode") switch
    {
        "Never" => ExecInteraction.Never,
        "IfAvailable" => ExecInteraction.IfAvailable,
        "Always" => ExecInteraction.Always,
        "" when version == Group + "v1beta1" => ExecInteraction.IfAvailable,
        "" => throw new KubernetesConfigException($"{exec.Place}.interactiveMode is missing, which {version} requires: Never, IfAvailable or Always"),
        var other => throw new KubernetesConfigException($"{exec.Place}.interactiveMode is \"{other}\", not Never, IfAvailable or Always"),
    };

    private static JsonObject ClusterOf(KubeconfigEntry cluster)
    {
        var described = new JsonObject { ["server"] = cluster.Text("server") };
        foreach (var name in (ReadOnlySpan<string>)["tls-server-name", "proxy-url"])
        {
            if (cluster.Text(name) is { Length: > 0 } value)
            {
                described[name] = value;
            }
        }

        if (cluster.Flag("insecure-skip-tls-verify"))
        {
            described["insecure-skip-tls-verify"] = true;
        }

        if (cluster.InlineOrFile("certificate-authority").Read() is { Length: > 0 } authorities)
        {
            described["certificate-authority-data"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authorities));
        }

        return described;
    }
}
