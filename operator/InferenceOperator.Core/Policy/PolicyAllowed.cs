namespace InferenceOperator.Core.Policy;

/// <summary>What agents may name; an agent that names anything else is refused.</summary>
public sealed record PolicyAllowed
{
    /// <summary>Kubernetes' names of devices that replicas may ask for; null: any. CPU replicas ask for none. Not to be changed in place.</summary>
    public IReadOnlyList<string>? GpuResources { get; init; }

    /// <summary>Beginnings of addresses that models and variants may come from, such as <c>pvc://</c> or <c>s3://prod-models/</c>; null: any. Not to be changed in place.</summary>
    public IReadOnlyList<string>? ModelSources { get; init; }
}
