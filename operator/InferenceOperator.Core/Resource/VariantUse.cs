namespace InferenceOperator.Core.Resource;

/// <summary>Who decides what a variant answers.</summary>
public enum VariantUse
{
    /// <summary>The manifest: it answers its share, always.</summary>
    Share,

    /// <summary>The operator, for as long as there are too few replicas and more are on their way: everything or nothing.</summary>
    Burst,

    /// <summary>The operator: like <see cref="Burst"/>, and for good wherever that makes the plan cheaper.</summary>
    Steady,
}
