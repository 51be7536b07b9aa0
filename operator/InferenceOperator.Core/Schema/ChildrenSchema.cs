namespace InferenceOperator.Core.Schema;

/// <summary>The schema of <c>spec.children</c>.</summary>
internal static class ChildrenSchema
{
    public static SchemaNode Root { get; } = new SchemaNode.Object(
    [
        new("podDisruptionBudget", new SchemaNode.Flag { Default = "true", Description = "PodDisruptionBudget: a node drain takes a tenth of the replicas at a time, rounded up. Turn it off to bring one of your own: Kubernetes evicts no pod that has two." }),
        new("networkPolicy", new SchemaNode.Flag { Default = "true", Description = "NetworkPolicy: the admin port is open to the operator and to the agent's own replicas, the data and metrics ports to everybody." }),
        new("podMonitor", new SchemaNode.Flag { Default = "true", Description = "PodMonitor, where the cluster has that kind: a Prometheus that the Prometheus operator runs scrapes the replicas." }),
        new("prometheusRule", new SchemaNode.Flag { Default = "true", Description = "PrometheusRule, where the cluster has that kind and the agent an SLO: alerts when its error budget of 30 days burns too fast." }),
    ]) { Default = "{}", Description = "Objects that are made beside the replicas in a cluster, each of which can be left out." };
}
