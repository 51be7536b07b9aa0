namespace InferenceOperator.Core.Resource;

/// <summary>Where a roll-out stands, for people.</summary>
public enum RolloutPhase
{
    /// <summary>One replica of the new revision is compared with the old ones.</summary>
    Canary,

    /// <summary>The new revision takes over.</summary>
    Proceeding,

    /// <summary>The old revision takes over again.</summary>
    Returning,

    /// <summary>The new revision serves.</summary>
    Promoted,

    /// <summary>The old revision serves; the new one is not tried again until the manifest asks for another.</summary>
    RolledBack,
}
