namespace InferenceRuntime.Models;

/// <summary>Waiting for a time of day.</summary>
internal static class WallClock
{
    /// <summary>Longest wait before the clock is read again: it may have been set meanwhile.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    /// <summary>Waits until it is a time, give or take nothing but a clock that is set: then up to <see cref="LookAgain"/>.</summary>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public static async Task UntilAsync(DateTimeOffset time, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var left = time - clock.GetUtcNow(); left > TimeSpan.Zero; left = time - clock.GetUtcNow())
        {
            await Task.Delay(Rounded(left), clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>How long to wait at once: whole milliseconds, as timers count, and never past <see cref="LookAgain"/>.</summary>
    public static TimeSpan Rounded(TimeSpan left) =>
        left >= LookAgain ? LookAgain : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
}
