namespace InferenceRuntime.Fetching;

/// <summary>Says in the log how far a file has come, at most every five seconds. One caller at a time.</summary>
internal sealed class ProgressLog(string source, ILogger logger, TimeProvider clock) : IProgress<FetchProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private long _saidAt = clock.GetTimestamp();

    public void Report(FetchProgress value)
    {
        if (value.Length is > 0 and var length && clock.GetElapsedTime(_saidAt) >= Interval)
        {
            _saidAt = clock.GetTimestamp();
            logger.Progressed(source, (int)(100.0 * value.Bytes / length), length);
        }
    }
}
