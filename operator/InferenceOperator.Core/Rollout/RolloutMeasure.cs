namespace InferenceOperator.Core.Rollout;

/// <summary>What the two sides of a roll-out are compared by.</summary>
public enum RolloutMeasure
{
    /// <summary>Share of requests that were not answered within the SLO's target.</summary>
    Latency,

    /// <summary>Share of requests that were refused or failed.</summary>
    Errors,

    /// <summary>Share of rows on which the new side's answers differ from the old side's, where requests are shadowed.</summary>
    Agreement,
}
