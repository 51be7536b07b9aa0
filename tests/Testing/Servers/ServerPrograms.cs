namespace InferenceOperator.Testing.Servers;

/// <summary>Where the programs of real servers are: where a variable says, else in the cache that the scripts under <c>eng/</c> fill.</summary>
public static class ServerPrograms
{
    /// <summary>The folder with the server's programs; null when they are not to be had, and <paramref name="missing"/> says why.</summary>
    public static string? Find(Server server, out string missing)
    {
        var (script, programs, variables) = server switch
        {
            Server.KubeApiServer => ("kube-apiserver", new[] { "etcd", "kube-apiserver" }, new[] { "INFERENCE_OPERATOR_KUBE_APISERVER", "KUBEBUILDER_ASSETS" }),
            Server.KubeControllerManager =>
                ("kube-apiserver", ["etcd", "kube-apiserver", "kube-controller-manager"], ["INFERENCE_OPERATOR_KUBE_APISERVER", "KUBEBUILDER_ASSETS"]),
            Server.Prometheus => ("prometheus", ["prometheus", "promtool"], ["INFERENCE_OPERATOR_PROMETHEUS", "PROMETHEUS_ASSETS"]),
            _ => throw new ArgumentOutOfRangeException(nameof(server), server, "Not a server that the kit knows."),
        };
        var folder = variables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(static value => !string.IsNullOrEmpty(value))
            ?? Path.Combine(Cache(), server is Server.Prometheus ? "prometheus" : "kubernetes");
        var absent = programs.Where(program => !File.Exists(Path.Combine(folder, program))).ToArray();
        missing = absent.Length == 0 ? "" : $"{folder} lacks {string.Join(" and ", absent)}; run eng/{script}";
        return absent.Length == 0 ? folder : null;
    }

    private static string Cache()
    {
        if (Environment.GetEnvironmentVariable("INFERENCE_OPERATOR_CACHE") is { Length: > 0 } own)
        {
            return own;
        }

        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches
            ? caches
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(root, "inference-operator");
    }
}
