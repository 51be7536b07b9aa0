namespace InferenceOperator.Core.Observation;

/// <summary>Brings the samples that two sources give of one replica onto the operator's clock, by the replica's own: it counts windows of 100 ms, idle or not.</summary>
/// <remarks>
/// Prometheus stamps samples with its clock, a scrape has the operator's. Differences are taken between samples of either, so a clock that is off
/// would make a rate jump at every change of the source, and values that are served again as new would pass for new. One owner; not thread safe.
/// </remarks>
internal sealed class SourceClocks
{
    private const double WindowsPerSecond = 10;

    /// <summary>Clocks as near as this are taken for equal.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private readonly Dictionary<MetricSource, ReplicaSample> _last = [];
    private readonly Dictionary<MetricSource, TimeSpan> _offsets = [];
    private bool _ticks;

    /// <summary>True for a sample that its source gave before, or an older one.</summary>
    public bool IsKnown(ReplicaSample sample) => _last.TryGetValue(sample.Source, out var last) && sample.SampledAt <= last.SampledAt;

    /// <summary>Takes a sample as it was stamped, which is not known.</summary>
    /// <returns>How far its stamp is ahead of the operator's clock, and how far the stamps of those before it were; zero when nothing is known of it.</returns>
    public (TimeSpan Sample, TimeSpan Before) Ahead(ReplicaSample sample)
    {
        var counters = sample.Counters;
        if (_last.Values.Any(l => (l.Counters.ProcessStartedAt - counters.ProcessStartedAt).Duration() > Tolerance)
            || (_last.TryGetValue(sample.Source, out var same) && counters.Arrivals.Windows < same.Counters.Arrivals.Windows))
        {
            // Another process, or counters that began anew: another clock.
            _offsets.Clear();
            _ticks = false;
        }
        else if (same is not null)
        {
            // Windows are a clock only where they go on as the source's time does.
            var seconds = (counters.Arrivals.Windows - same.Counters.Arrivals.Windows) / WindowsPerSecond;
            _ticks |= Math.Abs(seconds - (sample.SampledAt - same.SampledAt).TotalSeconds) < 0.25 + (0.05 * seconds);
        }

        var first = !_offsets.ContainsKey(MetricSource.Scrape);
        _last[sample.Source] = sample;
        _offsets[sample.Source] = sample.SampledAt - counters.ProcessStartedAt - TimeSpan.FromSeconds(counters.Arrivals.Windows / WindowsPerSecond);
        if (!_ticks || !_offsets.TryGetValue(MetricSource.Scrape, out var own) || !_offsets.TryGetValue(MetricSource.Prometheus, out var theirs))
        {
            return (TimeSpan.Zero, TimeSpan.Zero);
        }

        var skew = theirs - own;
        skew = skew.Duration() > Tolerance ? skew : TimeSpan.Zero;
        return sample.Source == MetricSource.Prometheus ? (skew, TimeSpan.Zero) : (TimeSpan.Zero, first ? skew : TimeSpan.Zero);
    }
}
