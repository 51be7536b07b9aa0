namespace InferenceOperator.Cluster.Apply;

/// <summary>What is known of an autoscaler whose name stands at a Deployment's number of replicas: the name stays when the autoscaler goes.</summary>
internal enum ReplicasHolder
{
    /// <summary>There is one, or nobody can tell: its number stands.</summary>
    MayBeThere,

    /// <summary>No HorizontalPodAutoscaler and no ScaledObject scales the Deployment: the number is a remnant.</summary>
    IsGone,
}
