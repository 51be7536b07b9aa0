using System.Globalization;

namespace InferenceRuntime.Load;

/// <summary>Counts what became of requests. Thread safe.</summary>
internal sealed class LoadTally
{
    private readonly Lock _lock = new();
    private readonly LatencyHistogram _latencies = new();
    private readonly SortedDictionary<int, long> _refused = [];   // at most one entry a status
    private long _due;
    private long _lost;
    private long _wrong;
    private long _withinSlo;

    public void CountDue()
    {
        lock (_lock)
        {
            _due++;
        }
    }

    public void CountLost()
    {
        lock (_lock)
        {
            _lost++;
        }
    }

    public void CountRefused(int status)
    {
        lock (_lock)
        {
            _refused[status] = _refused.GetValueOrDefault(status) + 1;
        }
    }

    public void CountAnswered(TimeSpan latency, bool right, bool withinSlo)
    {
        lock (_lock)
        {
            _latencies.Record(latency);
            _wrong += right ? 0 : 1;
            _withinSlo += withinSlo ? 1 : 0;
        }
    }

    /// <summary>Adds all that <paramref name="other"/>, which no longer changes, counted.</summary>
    public void Add(LoadTally other)
    {
        lock (_lock)
        {
            _latencies.Add(other._latencies);
            foreach (var (status, count) in other._refused)
            {
                _refused[status] = _refused.GetValueOrDefault(status) + count;
            }

            _due += other._due;
            _lost += other._lost;
            _wrong += other._wrong;
            _withinSlo += other._withinSlo;
        }
    }

    /// <summary>The figures so far, over a stretch of this many seconds; with <paramref name="clear"/> counting starts anew.</summary>
    public LoadFigures Read(double seconds, bool clear)
    {
        lock (_lock)
        {
            var figures = new LoadFigures
            {
                Due = _due,
                Answered = _latencies.Count,
                Refused = _refused.ToDictionary(static entry => entry.Key.ToString(CultureInfo.InvariantCulture), static entry => entry.Value),
                Lost = _lost,
                Wrong = _wrong,
                WithinSlo = _withinSlo,
                Rate = seconds > 0 ? _latencies.Count / seconds : 0,
                MeanMs = _latencies.Mean.TotalMilliseconds,
                P50Ms = _latencies.Quantile(0.5).TotalMilliseconds,
                P90Ms = _latencies.Quantile(0.9).TotalMilliseconds,
                P99Ms = _latencies.Quantile(0.99).TotalMilliseconds,
                P999Ms = _latencies.Quantile(0.999).TotalMilliseconds,
                MaxMs = _latencies.Max.TotalMilliseconds,
            };
            if (clear)
            {
                ClearLocked();
            }

            return figures;
        }
    }

    private void ClearLocked()
    {
        _latencies.Clear();
        _refused.Clear();
        _due = _lost = _wrong = _withinSlo = 0;
    }
}
