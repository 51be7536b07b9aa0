using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Control;

/// <summary>For how long traffic has been known without a gap worth the name.</summary>
internal sealed class TrafficClock
{
    /// <summary>A gap of up to so many intervals does not count: single scrapes get lost.</summary>
    private const int GapMax = 3;

    private DateTimeOffset? _since;
    private DateTimeOffset _lastKnown;

    public TimeSpan Observe(Measurement measurement, TimeSpan interval, DateTimeOffset now)
    {
        if (measurement is Measurement.Unknown)
        {
            return TimeSpan.Zero;
        }

        if (_since is null || now - _lastKnown > interval * GapMax)
        {
            _since = now;
        }

        _lastKnown = now;
        return now - _since.Value;
    }
}
