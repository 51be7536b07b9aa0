namespace InferenceOperator.Core.Resource;

/// <summary>How fast replicas are added.</summary>
public sealed record ScaleUpSpec
{
    /// <summary>Most replicas that are on their way at once; a share is of those that serve. Null: three times those that serve, ten at least.</summary>
    public StepLimit? MaxStep { get; init; }
}
