namespace InferenceOperator.Testing.Servers;

/// <summary>A real server that a test may need.</summary>
public enum Server
{
    /// <summary>etcd and kube-apiserver.</summary>
    KubeApiServer,

    /// <summary>kube-controller-manager, beside etcd and kube-apiserver.</summary>
    KubeControllerManager,

    /// <summary>prometheus and promtool.</summary>
    Prometheus,
}
