namespace InferenceOperator.Cluster.Observation;

/// <summary>The part of an autoscaler's spec that the operator looks at.</summary>
internal sealed record AutoscalerSpec
{
    public ScaleTarget? ScaleTargetRef { get; set; }
}
