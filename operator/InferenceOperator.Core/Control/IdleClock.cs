using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Control;

/// <summary>For how long an agent has been proven idle at every step. Anything else, an unknown too, begins it anew.</summary>
internal sealed class IdleClock
{
    private DateTimeOffset? _since;

    /// <summary>Time since the first of the steps in a row at which the measurement was idle; zero when this one is not.</summary>
    public TimeSpan Observe(Measurement measurement, DateTimeOffset now)
    {
        _since = measurement is Measurement.Idle ? _since ?? now : null;
        return now - _since ?? TimeSpan.Zero;
    }
}
