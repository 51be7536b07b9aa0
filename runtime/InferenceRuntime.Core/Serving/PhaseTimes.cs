namespace InferenceRuntime.Core.Serving;

/// <summary>Where the time of one answered request went inside the engine. None is negative.</summary>
/// <param name="Queue">Accepted until its batch closed.</param>
/// <param name="Compute">The run of its batch by the model.</param>
/// <param name="Copy">Rows into the batch's buffers and out of them; counts as communication.</param>
public readonly record struct PhaseTimes(TimeSpan Queue, TimeSpan Compute, TimeSpan Copy)
{
    /// <summary>The three together: accepted until the answer lay ready.</summary>
    public TimeSpan Total => Queue + Compute + Copy;
}
