namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>The order in which ways to reach a cluster are looked for.</summary>
internal static class ConfigSearch
{
    public static KubernetesConfig Find(string? kubeconfig, string? context, Func<string, string?> environment, string home)
    {
        if (!string.IsNullOrEmpty(kubeconfig))
        {
            return File.Exists(kubeconfig)
                ? Kubeconfig.Read([kubeconfig], context)
                : throw new KubernetesConfigException($"kubeconfig {kubeconfig} does not exist");
        }

        if (environment("KUBECONFIG") is { Length: > 0 } list)
        {
            var files = list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Where(File.Exists).ToArray();
            return files.Length > 0
                ? Kubeconfig.Read(files, context)
                : throw new KubernetesConfigException($"KUBECONFIG is {list}, and none of these files exists");
        }

        if (context is null && InClusterConfig.IsPresent(environment))
        {
            return InClusterConfig.Read(environment, InClusterConfig.MountedFolder);
        }

        var standard = Path.Combine(home, ".kube", "config");
        return File.Exists(standard)
            ? Kubeconfig.Read([standard], context)
            : throw new KubernetesConfigException(
                $"no cluster: KUBECONFIG is not set, this does not run in a pod (KUBERNETES_SERVICE_HOST is not set), and {standard} does not exist");
    }
}
