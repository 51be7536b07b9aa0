using System.Text.Json.Serialization;

namespace InferenceOperator.Core.Resource;

/// <summary>Who moves what, and how far.</summary>
public sealed record ScalingSpec
{
    public ScalingMode Mode { get; init; }

    /// <summary>Fewest replicas the operator chooses, at least 0. 0: none while it is proven idle and something lets requests wait.</summary>
    public int MinReplicas { get; init; } = 1;

    /// <summary>Most replicas the operator chooses, at least <see cref="MinReplicas"/>.</summary>
    public int MaxReplicas { get; init; } = 10;

    /// <summary>Set: somebody else decides (<c>kubectl scale</c>, an HPA through <c>/scale</c>), and the bounds above do not apply. Null: the operator decides.</summary>
    public int? Replicas { get; init; }

    /// <summary>True when the operator itself may take the last replica away, and bring one back.</summary>
    [JsonIgnore]
    public bool MayScaleToZero => MinReplicas == 0 && Replicas is null && Mode == ScalingMode.Auto;

    public ScaleUpSpec ScaleUp { get; init; } = new();

    public ScaleDownSpec ScaleDown { get; init; } = new();
}
