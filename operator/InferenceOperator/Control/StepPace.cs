namespace InferenceOperator.Control;

/// <summary>How long one loop waits for its next step: as long as the step asked, and longer each time while only an event can bring anything new.</summary>
/// <remarks>
/// What time alone brings, it brings soon after an event: the wait doubles with each step at rest, so that it is noticed after at most twice the time that it
/// took. Not thread safe; one owner.
/// </remarks>
/// <param name="longest">Longest wait at rest.</param>
internal sealed class StepPace(TimeSpan longest)
{
    private TimeSpan _wait;

    /// <summary>Something happened: the waits begin anew.</summary>
    public void Reset() => _wait = TimeSpan.Zero;

    /// <summary>The wait after a step.</summary>
    /// <param name="asked">What the step asked for, above zero.</param>
    /// <param name="isAtRest">Whether it found everything as it should be, with nothing that could be read again.</param>
    public TimeSpan After(TimeSpan asked, bool isAtRest)
    {
        var doubled = _wait * 2 < longest ? _wait * 2 : longest;
        return _wait = isAtRest && doubled > asked ? doubled : asked;
    }
}
