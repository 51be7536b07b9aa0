using System.Collections.Immutable;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Apply;

/// <summary>Whose value stands when another manager holds a field that the operator sets.</summary>
internal static class ConflictRule
{
    /// <summary>The field that an autoscaler holds.</summary>
    public const string Replicas = ".spec.replicas";

    /// <summary>Under which HorizontalPodAutoscalers and KEDA write; that one of them is there can be seen.</summary>
    private static readonly string[] Seen = ["horizontal-pod-autoscaler", "kube-controller-manager", "keda-operator"];

    /// <summary>Managers that scale on their own and are no such objects.</summary>
    private static readonly string[] Unseen = ["cluster-proportional-autoscaler"];

    /// <summary>The autoscaler that holds the number of replicas and would write it again; null when every conflict is to be forced: people's edits are put right.</summary>
    public static string? AutoscalerIn(ImmutableArray<FieldConflict> conflicts, ReplicasHolder holder)
    {
        foreach (var conflict in conflicts.Where(static conflict => conflict.Field == Replicas))
        {
            if (Unseen.Contains(conflict.Manager, StringComparer.Ordinal)
                || (holder is ReplicasHolder.MayBeThere && Seen.Contains(conflict.Manager, StringComparer.Ordinal)))
            {
                return conflict.Manager;
            }
        }

        return null;
    }
}
