namespace InferenceOperator.Core.Simulation.Measuring;

/// <summary>The scrapes that can be seen by now; those of the last <see cref="RetentionSeconds"/>.</summary>
public sealed class MetricHistory(double ageSeconds)
{
    public const double RetentionSeconds = 700;

    private readonly Queue<MetricScrape> _underWay = new();
    private readonly List<MetricScrape> _visible = [new MetricScrape(0, [], default, 0, 0, 0)];

    /// <summary>Visible scrapes, oldest first.</summary>
    public IReadOnlyList<MetricScrape> Scrapes => _visible;

    /// <summary>What a window ending now says; null when nothing came in the last such window.</summary>
    /// <param name="seconds">Length, above 0.</param>
    /// <param name="now">Seconds since the start.</param>
    public MetricWindow? Over(double seconds, double now)
    {
        var newest = _visible[^1];
        if (newest.At <= 0 || now - ageSeconds - newest.At > seconds)
        {
            return null;
        }

        var index = _visible.Count - 2;
        while (index > 0 && _visible[index].At > newest.At - seconds + 1e-6)
        {
            index--;
        }

        var span = newest.At - _visible[index].At;
        var sums = newest.Sums - _visible[index].Sums;
        return new(
            span, sums.Arrived / span, sums.HeldSeconds / span, sums.ReplicaSeconds > 0 ? sums.BusySeconds / sums.ReplicaSeconds : 0, newest.Measured, newest.Held, newest.At);
    }

    internal void Take(MetricScrape scrape) => _underWay.Enqueue(scrape);

    internal void Show(double now)
    {
        while (_underWay.TryPeek(out var next) && next.At + ageSeconds <= now + 1e-9)
        {
            _visible.Add(_underWay.Dequeue());
        }

        // In lumps: taking the oldest off a list moves all others.
        var old = 0;
        while (old < _visible.Count - 2 && _visible[old].At < now - ageSeconds - RetentionSeconds)
        {
            old++;
        }

        if (old > 200)
        {
            _visible.RemoveRange(0, old);
        }
    }
}
