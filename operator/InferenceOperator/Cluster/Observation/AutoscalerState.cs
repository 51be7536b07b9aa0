namespace InferenceOperator.Cluster.Observation;

/// <summary>The part of a HorizontalPodAutoscaler or a ScaledObject that the operator looks at: both say alike what they scale.</summary>
internal sealed record AutoscalerState
{
    public AutoscalerSpec Spec { get; set; } = new();
}
