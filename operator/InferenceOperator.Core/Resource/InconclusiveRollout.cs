namespace InferenceOperator.Core.Resource;

/// <summary>What is done when the time of a comparison is over and traffic was too little to show anything.</summary>
public enum InconclusiveRollout
{
    /// <summary>Both revisions go on serving, and somebody is told.</summary>
    Wait,

    /// <summary>The new revision takes over.</summary>
    Proceed,

    /// <summary>The old revision stays.</summary>
    GoBack,
}
