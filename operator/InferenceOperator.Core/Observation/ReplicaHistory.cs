namespace InferenceOperator.Core.Observation;

/// <summary>The samples of one replica, oldest first, as steps between neighbours; a step never goes backwards over a counter reset.</summary>
internal sealed class ReplicaHistory
{
    /// <summary>Samples that are kept; one a second for longer than the longest window.</summary>
    public const int SamplesMax = 180;

    private readonly List<CounterStep> _steps = [];
    private ReplicaSample? _newest;

    public ReplicaSample Newest => _newest ?? throw new InvalidOperationException("no sample yet");

    public DateTimeOffset NewestAt => _newest?.SampledAt ?? DateTimeOffset.MinValue;

    /// <summary>True when there is at least one step, so that a rate can be told.</summary>
    public bool HasSpan => _steps.Count > 0;

    /// <summary>What makes the newest sample unusable; null: nothing.</summary>
    public (UnknownReason Reason, string Detail)? Complaint { get; private set; }

    public (DateTimeOffset ProcessStartedAt, double Seconds)? StartUp =>
        _newest?.Counters is { StartUpSeconds: { } seconds and > 0 and < 86_400 } counters ? (counters.ProcessStartedAt, seconds) : null;

    /// <summary>The steps, oldest first.</summary>
    public IReadOnlyList<CounterStep> Steps => _steps;

    public bool Add(ReplicaSample sample, ref ExecutionSums executions)
    {
        if (_newest is not null && sample.SampledAt <= _newest.SampledAt)
        {
            return false;
        }

        if (CounterCheck.Complaint(sample.Counters) is { } complaint)
        {
            // The values are of no use, but that the replica says such things has to be known.
            Complaint = complaint;
            return false;
        }

        Complaint = null;
        if (CounterStep.Between(_newest, sample) is { } step)
        {
            _steps.Add(step);
            executions += step.Executions;
            if (_steps.Count > SamplesMax)
            {
                _steps.RemoveAt(0);
            }
        }

        _newest = sample;
        return true;
    }

    public void Trim(DateTimeOffset before)
    {
        while (_steps.Count > 0 && _steps[0].To < before)
        {
            _steps.RemoveAt(0);
        }
    }

    /// <summary>Rows of the largest execution in the kept steps, no finer than the buckets.</summary>
    public int LargestBatch()
    {
        var rows = _steps.Aggregate(HistogramCounts.Empty, (sum, step) => sum.Plus(step.BatchRows));
        var limit = _steps.Select(s => s.BatchSizeMax).DefaultIfEmpty(0).Max();
        return (int)Math.Clamp(Math.Min(rows.Largest(), limit > 0 ? limit : double.PositiveInfinity), 0, 65_536);
    }
}
