namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>How to reach the cluster cannot be told; the message names the file, the entry and the field.</summary>
public sealed class KubernetesConfigException : Exception
{
    public KubernetesConfigException(string message)
        : base(message)
    {
    }

    public KubernetesConfigException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
