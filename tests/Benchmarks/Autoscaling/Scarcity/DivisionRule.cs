namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>Who gets scarce GPUs; a closed set.</summary>
internal enum DivisionRule
{
    /// <summary>Ours: minima, priority, utility.</summary>
    ByUtility,

    /// <summary>Each agent may have the same part of the pool.</summary>
    EqualShares,

    /// <summary>Who asks first; what one has stays until it gives it back. What a cluster does by itself.</summary>
    FirstCome,

    /// <summary>The bound: of all divisions with these minima the one that loses least, anew in each minute, as if moving a replica cost nothing.</summary>
    Best,
}
