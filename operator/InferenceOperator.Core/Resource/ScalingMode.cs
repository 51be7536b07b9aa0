namespace InferenceOperator.Core.Resource;

/// <summary>What becomes of the operator's decisions. The code that decides is the same in all three.</summary>
public enum ScalingMode
{
    /// <summary>Applied.</summary>
    Auto,

    /// <summary>Shown in status, not applied.</summary>
    Recommend,

    /// <summary>Only measured: status shows the observations, the proposals go to the log of decisions alone.</summary>
    Observe,
}
