namespace InferenceOperator.Kubernetes.Events;

/// <summary>
/// Joins equal reports into one event with a count, and holds back objects that report too much. Without threads or clocks.
/// </summary>
/// <remarks>
/// Bounded: it remembers the <see cref="SeriesMax"/> last reported events and objects; one that was forgotten starts a new event.
/// </remarks>
internal sealed class EventAggregation
{
    /// <summary>Events, and objects, remembered.</summary>
    public const int SeriesMax = 2048;

    /// <summary>Events an object may cause at once; as client-go.</summary>
    public const int Burst = 25;

    /// <summary>After this long without a further report, the next equal one is a new event.</summary>
    public static readonly TimeSpan SeriesAge = TimeSpan.FromMinutes(10);

    /// <summary>Events an object may cause per second in the long run: one in 5 minutes; as client-go.</summary>
    private const double PerSecond = 1.0 / 300;

    private readonly RecentlyUsed<EventReport, EventSeries> _series = new(SeriesMax);
    private readonly RecentlyUsed<ObjectReference, Transport.TokenBucket> _allowances = new(SeriesMax);
    private long _number;

    /// <summary>The event that the report belongs to, with its new count; null when the object has reported too much.</summary>
    public EventSeries? Take(EventReport report, DateTimeOffset now)
    {
        if (!_allowances.TryGet(report.Regarding, out var allowance))
        {
            allowance = new Transport.TokenBucket(PerSecond, Burst, now);
            _allowances.Set(report.Regarding, allowance);
        }

        if (allowance.Take(now, TimeSpan.Zero) is null)
        {
            return null;
        }

        var series = _series.TryGet(report, out var known) && now - known.Last <= SeriesAge
            ? known with { Count = known.Count + 1, Last = now }
            : new EventSeries(NameOf(report, now), Count: 1, First: now, Last: now);
        _series.Set(report, series);
        return series;
    }

    /// <summary>The event is not there any more: the next equal report starts a new one.</summary>
    public void Forget(EventReport report) => _series.Remove(report);

    /// <summary>As kubectl's: the object's name and a number that does not come again, also not after a restart.</summary>
    private string NameOf(EventReport report, DateTimeOffset now) => $"{Short(report.Regarding.Key.Name)}.{now.UtcTicks:x}{_number++ % 0x10000:x4}";

    /// <summary>Leaves room for the number within the 253 characters that a name may have.</summary>
    private static string Short(string name) => name.Length <= 220 ? name : name[..220].TrimEnd('-', '.');
}

/// <summary>One event on the API server.</summary>
internal readonly record struct EventSeries(string Name, int Count, DateTimeOffset First, DateTimeOffset Last);
