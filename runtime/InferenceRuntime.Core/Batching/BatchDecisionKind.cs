namespace InferenceRuntime.Core.Batching;

/// <summary>The three answers to a free slot.</summary>
public enum BatchDecisionKind
{
    /// <summary>Execute the batch that was filled.</summary>
    Close,

    /// <summary>Ask again at a given time, or when work arrives.</summary>
    WaitUntil,

    /// <summary>Ask again when work arrives.</summary>
    WaitForWork,
}
