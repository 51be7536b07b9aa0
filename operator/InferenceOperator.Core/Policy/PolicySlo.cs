using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Policy;

/// <summary>The SLO that has to be declared, and how strict it is at the least.</summary>
public sealed record PolicySlo
{
    /// <summary>True: an agent that declares none, and gets none by default, is refused.</summary>
    public bool Required { get; init; }

    /// <summary>A longer target counts as this one; null: any.</summary>
    public Duration? TargetAtMost { get; init; }

    /// <summary>A lower percentile counts as this one, decimal text from 50 to below 100; null: any.</summary>
    public string? PercentileAtLeast { get; init; }
}
