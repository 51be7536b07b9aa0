namespace InferenceRuntime.Core.Serving;

/// <summary>What came of one run.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Compute">How long the model itself ran, without packing and slicing; not negative.</param>
/// <param name="Reason">
/// <see cref="RunStatus.Refused"/>: text fit for the client. <see cref="RunStatus.Failed"/>, <see cref="RunStatus.OutOfMemory"/>: text for the log. Else null.
/// </param>
public readonly record struct RunResult(RunStatus Status, TimeSpan Compute, string? Reason)
{
    /// <summary>How long rows were packed before the model ran; not negative.</summary>
    public TimeSpan Packing { get; init; }
}
