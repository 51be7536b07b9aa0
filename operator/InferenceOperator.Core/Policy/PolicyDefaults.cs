using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Policy;

/// <summary>What agents get that declare none. Only fields without a default of the resource's own stand here: for the others the API server has filled that in before anybody can tell.</summary>
public sealed record PolicyDefaults
{
    /// <summary>The SLO of agents without one.</summary>
    public SloSpec? Slo { get; init; }
}
