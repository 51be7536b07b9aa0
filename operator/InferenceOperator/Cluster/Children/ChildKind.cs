namespace InferenceOperator.Cluster.Children;

/// <summary>The kinds of objects that the operator applies for an agent and watches. The Secret is not one: it is made once and never listed.</summary>
internal enum ChildKind
{
    ConfigMap,
    Service,
    ServiceAccount,
    NetworkPolicy,
    Deployment,
    PodDisruptionBudget,
    PodMonitor,
    PrometheusRule,
}
