using System.Collections.Immutable;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Apply;

/// <summary>Whose value stands when another manager holds a field that the operator sets.</summary>
internal static class ConflictRule
{
    /// <summary>The field that an autoscaler holds.</summary>
    public const string Replicas = ".spec.replicas";

    /// <summary>Managers that scale on their own and would write again: against them nobody wins. People's edits are put right instead.</summary>
    private static readonly string[] Autoscalers = ["horizontal-pod-autoscaler", "kube-controller-manager", "keda-operator", "cluster-proportional-autoscaler"];

    /// <summary>The autoscaler that holds the number of replicas; null when every conflict is to be forced.</summary>
    public static string? AutoscalerIn(ImmutableArray<FieldConflict> conflicts)
    {
        foreach (var conflict in conflicts)
        {
            if (conflict.Field == Replicas && Autoscalers.Contains(conflict.Manager, StringComparer.Ordinal))
            {
                return conflict.Manager;
            }
        }

        return null;
    }
}
