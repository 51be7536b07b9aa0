namespace InferenceOperator.Core.Resource;

/// <summary>How another model, level or template reaches the replicas.</summary>
public enum RolloutStrategy
{
    /// <summary>One replica first, compared with the old ones; then the others, or back.</summary>
    Gated,

    /// <summary>Replica after replica, without a comparison.</summary>
    Immediate,
}
