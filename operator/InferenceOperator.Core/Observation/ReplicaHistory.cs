namespace InferenceOperator.Core.Observation;

/// <summary>The samples of one replica, oldest first, as steps between neighbours; a step never goes backwards over a counter reset.</summary>
internal sealed class ReplicaHistory
{
    /// <summary>Samples that are kept; one a second for longer than the longest window.</summary>
    public const int SamplesMax = 180;

    /// <summary>Counters that did not go on for so long stand still: the replica counts windows of 100 ms.</summary>
    private static readonly TimeSpan StandstillMin = TimeSpan.FromSeconds(2);

    private readonly List<CounterStep> _steps = [];
    private readonly SourceClocks _clocks = new();
    private ReplicaSample? _newest;

    public ReplicaSample Newest => _newest ?? throw new InvalidOperationException("no sample yet");

    /// <summary>True when there is a newest sample.</summary>
    public bool IsKnown => _newest is not null;

    public DateTimeOffset NewestAt => _newest?.SampledAt ?? DateTimeOffset.MinValue;

    /// <summary>True when there is at least one step, so that a rate can be told.</summary>
    public bool HasSpan => _steps.Count > 0;

    /// <summary>What makes the newest sample unusable; null: nothing.</summary>
    public (UnknownReason Reason, string Detail)? Complaint { get; private set; }

    public (DateTimeOffset ProcessStartedAt, double Seconds)? StartUp =>
        _newest?.Counters is { StartUpSeconds: { } seconds and > 0 and < 86_400 } counters ? (counters.ProcessStartedAt, seconds) : null;

    /// <summary>The steps, oldest first.</summary>
    public IReadOnlyList<CounterStep> Steps => _steps;

    /// <summary>Takes one sample; false when it brings nothing.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="executions">Gets the executions that it brings.</param>
    /// <param name="byVariant">Gets them by variant, where the replica has several.</param>
    /// <param name="slo">Gets the requests that the SLO counts.</param>
    public bool Add(ReplicaSample sample, ref ExecutionSums executions, Dictionary<string, ExecutionSums> byVariant, ref SloSums slo)
    {
        if (_clocks.IsKnown(sample))
        {
            return false;
        }

        if (CounterCheck.Complaint(sample.Counters) is { } complaint)
        {
            // The values are of no use, but that the replica says such things has to be known.
            Complaint = sample.SampledAt > NewestAt ? complaint : Complaint;
            return false;
        }

        var (ahead, before) = _clocks.Ahead(sample);
        Shift(-before);
        sample = sample with { SampledAt = sample.SampledAt - ahead };
        if (sample.SampledAt <= NewestAt)
        {
            return false;
        }

        if (StandsStill(sample))
        {
            Complaint = (UnknownReason.Contradictory, "its counters stand still while the time of the samples goes on");
            return false;
        }

        Complaint = null;
        if (CounterStep.Between(_newest, sample) is { } step)
        {
            _steps.Add(step);
            executions += step.Executions;
            slo += new SloSums(step.SloRequests, Math.Min(step.SloMet, step.SloRequests));
            foreach (var (variant, sums) in step.Variants.Where(static v => v.Value.Count >= 1))
            {
                byVariant[variant] = byVariant.GetValueOrDefault(variant) + sums;
            }

            if (_steps.Count > SamplesMax)
            {
                _steps.RemoveAt(0);
            }
        }

        _newest = sample;
        return true;
    }

    private bool StandsStill(ReplicaSample sample) =>
        _newest is { Counters: { Arrivals.Windows: > 0 } before } newest
        && sample.Source == newest.Source
        && sample.SampledAt - newest.SampledAt >= StandstillMin
        && sample.Counters.ProcessStartedAt == before.ProcessStartedAt
        && sample.Counters.Arrivals.Windows.Equals(before.Arrivals.Windows);

    /// <summary>Moves what is known in time.</summary>
    private void Shift(TimeSpan by)
    {
        if (by == TimeSpan.Zero || _newest is null)
        {
            return;
        }

        _newest = _newest with { SampledAt = _newest.SampledAt + by };
        for (var i = 0; i < _steps.Count; i++)
        {
            _steps[i] = _steps[i] with { From = _steps[i].From + by, To = _steps[i].To + by };
        }
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
