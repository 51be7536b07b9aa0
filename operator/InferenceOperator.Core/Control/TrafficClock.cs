using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Control;

/// <summary>For how long traffic has been known without a gap worth the name.</summary>
internal sealed class TrafficClock
{
    /// <summary>A gap of up to so many intervals does not count: single scrapes get lost.</summary>
    private const int GapMax = 3;

    private DateTimeOffset? _since;
    private DateTimeOffset _lastKnown;

    /// <param name="measurement">What is known at this step.</param>
    /// <param name="interval">Usual time between two samples of one replica.</param>
    /// <param name="asked">How long the step before this asked to be left alone: that is no gap.</param>
    /// <param name="now">The time (UTC).</param>
    public TimeSpan Observe(Measurement measurement, TimeSpan interval, TimeSpan asked, DateTimeOffset now)
    {
        if (measurement is Measurement.Unknown)
        {
            return TimeSpan.Zero;
        }

        if (_since is null || now - _lastKnown > (interval * GapMax) + (asked > interval ? asked - interval : TimeSpan.Zero))
        {
            _since = now;
        }

        _lastKnown = now;
        return now - _since.Value;
    }
}
