using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Observation;
using InferenceRuntime.Contract;

namespace InferenceOperator.Metrics;

/// <summary>Maps one replica's series to the counters that the control loop reads.</summary>
/// <remarks>
/// Takes series from a scrape of the replica or from Prometheus alike: labels other than those read are ignored. Of the SLO's
/// series only those of one threshold count: the one asked for, since old thresholds stay in the exposition. Pure.
/// </remarks>
internal static class ReplicaCountersReader
{
    /// <summary>Reads the counters.</summary>
    /// <param name="samples">All series of one replica, at one time.</param>
    /// <param name="sloSeconds">The threshold that attainment is wanted for; null: none.</param>
    /// <returns>The counters, or null when the series are not a replica's: its process' start time is missing.</returns>
    public static RuntimeCounters? Read(IEnumerable<PrometheusSample> samples, double? sloSeconds)
    {
        var sums = new Sums(sloSeconds);
        foreach (var sample in samples)
        {
            sums.Take(sample);
        }

        return sums.ToCounters();
    }

    private sealed class Sums(double? sloSeconds)
    {
        private readonly Dictionary<string, double> _plain = new(StringComparer.Ordinal);
        private readonly Dictionary<string, double> _outcomes = new(StringComparer.Ordinal);
        private readonly Dictionary<string, double> _phases = new(StringComparer.Ordinal);
        private readonly Dictionary<string, double> _shadowed = new(StringComparer.Ordinal);
        private readonly SortedDictionary<double, double> _latency = [];
        private readonly SortedDictionary<double, double> _rows = [];
        private readonly SortedDictionary<string, ExecutionSums> _variants = new(StringComparer.Ordinal);
        private bool _sloSeen;

        public void Take(PrometheusSample sample)
        {
            switch (sample.Name)
            {
                case MetricNames.RequestsTotal:
                    Add(_outcomes, sample.Label(MetricLabels.Outcome) ?? "", sample.Value);
                    break;
                case MetricNames.PhaseSecondsTotal:
                    Add(_phases, sample.Label(MetricLabels.Phase) ?? "", sample.Value);
                    break;
                case MetricNames.ShadowRowsTotal:
                    Add(_shadowed, sample.Label(MetricLabels.Result) ?? "", sample.Value);
                    break;
                case MetricNames.SloRequestsTotal or MetricNames.SloMetTotal:
                    if (IsWantedSlo(sample))
                    {
                        _sloSeen = true;
                        Add(_plain, sample.Name, sample.Value);
                    }

                    break;
                case MetricNames.VariantExecutionsTotal or MetricNames.VariantExecutionRowsTotal or MetricNames.VariantExecutionRowsSquaredTotal
                    or MetricNames.VariantExecutionSecondsTotal or MetricNames.VariantExecutionRowsSecondsTotal or MetricNames.VariantExecutionSecondsSquaredTotal:
                    AddVariant(sample);
                    break;
                case MetricNames.RequestSeconds + "_bucket":
                    AddBucket(_latency, sample);
                    break;
                case MetricNames.BatchRows + "_bucket":
                    AddBucket(_rows, sample);
                    break;
                default:
                    Add(_plain, sample.Name, sample.Value);
                    break;
            }
        }

        public RuntimeCounters? ToCounters()
        {
            if (!_plain.TryGetValue(MetricNames.ProcessStartTimeSeconds, out var started) || !double.IsFinite(started) || started is < 0 or > 1e11)
            {
                return null;
            }

            return new RuntimeCounters
            {
                ProcessStartedAt = DateTimeOffset.UnixEpoch.AddSeconds(started),
                Ready = Plain(MetricNames.Ready) == 1,
                StartUpSeconds = _plain.TryGetValue(MetricNames.StartUpSeconds, out var startUp) ? startUp : null,
                Answered = Outcome(RequestOutcomes.Answered),
                Refused = Outcome(RequestOutcomes.QueueFull) + Outcome(RequestOutcomes.Expired) + Outcome(RequestOutcomes.Failed),
                SloSeconds = _sloSeen ? sloSeconds : null,
                SloRequests = Plain(MetricNames.SloRequestsTotal),
                SloMet = Plain(MetricNames.SloMetTotal),
                Latency = Histogram(_latency, MetricNames.RequestSeconds),
                BatchRows = Histogram(_rows, MetricNames.BatchRows),
                Phases = new PhaseSums(
                    Phase(RequestPhases.Queue), Phase(RequestPhases.Compute), Phase(RequestPhases.Communication), Phase(RequestPhases.Overhead)),
                Executions = new ExecutionSums(
                    Plain(MetricNames.ExecutionsTotal),
                    Plain(MetricNames.ExecutionRowsTotal),
                    Plain(MetricNames.ExecutionRowsSquaredTotal),
                    Plain(MetricNames.ExecutionSecondsTotal),
                    Plain(MetricNames.ExecutionRowsSecondsTotal),
                    Plain(MetricNames.ExecutionSecondsSquaredTotal)),
                Variants = _variants.ToImmutableSortedDictionary(StringComparer.Ordinal),
                Arrivals = new ArrivalSums(
                    Plain(MetricNames.ArrivalWindowsTotal),
                    Plain(MetricNames.ArrivalsTotal),
                    Plain(MetricNames.ArrivalsSquaredTotal),
                    Plain(MetricNames.ArrivalRowsTotal)),
                ShadowRows = _shadowed.Values.Sum(),
                ShadowDiffered = _shadowed.GetValueOrDefault(ShadowResults.Differed) + _shadowed.GetValueOrDefault(ShadowResults.Incomparable),
                QueueRequests = Plain(MetricNames.QueueRequests),
                QueueRows = Plain(MetricNames.QueueRows),
                InFlight = Plain(MetricNames.RequestsInFlight),
                BatchSizeMax = Plain(MetricNames.BatchSizeMax),
                BatchDelayMaxSeconds = Plain(MetricNames.BatchDelayMaxSeconds),
            };
        }

        // Thresholds are compared as numbers with room for the last digit: one side divides milliseconds, the other nanoseconds.
        private bool IsWantedSlo(PrometheusSample sample) =>
            sloSeconds is { } wanted
            && double.TryParse(sample.Label(MetricLabels.SloSeconds), NumberStyles.Float, CultureInfo.InvariantCulture, out var threshold)
            && Math.Abs(threshold - wanted) <= wanted * 1e-9;

        private void AddVariant(PrometheusSample sample)
        {
            if (sample.Label(MetricLabels.Variant) is not { Length: > 0 } name || (!_variants.ContainsKey(name) && _variants.Count >= ServingShares.VariantsMax))
            {
                return;
            }

            var value = sample.Value;
            _variants[name] = _variants.GetValueOrDefault(name) + (sample.Name switch
            {
                MetricNames.VariantExecutionsTotal => new ExecutionSums { Count = value },
                MetricNames.VariantExecutionRowsTotal => new ExecutionSums { Rows = value },
                MetricNames.VariantExecutionRowsSquaredTotal => new ExecutionSums { RowsSquared = value },
                MetricNames.VariantExecutionSecondsTotal => new ExecutionSums { Seconds = value },
                MetricNames.VariantExecutionRowsSecondsTotal => new ExecutionSums { RowsSeconds = value },
                MetricNames.VariantExecutionSecondsSquaredTotal => new ExecutionSums { SecondsSquared = value },
                _ => throw new System.Diagnostics.UnreachableException(),
            });
        }

        private static void AddBucket(SortedDictionary<double, double> buckets, PrometheusSample sample)
        {
            if (sample.Label("le") is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bound) && double.IsFinite(bound))
            {
                buckets[bound] = buckets.GetValueOrDefault(bound) + sample.Value;
            }
        }

        private static void Add(Dictionary<string, double> sums, string key, double value) => sums[key] = sums.GetValueOrDefault(key) + value;

        private double Plain(string name) => _plain.GetValueOrDefault(name);

        private double Outcome(string outcome) => _outcomes.GetValueOrDefault(outcome);

        private double Phase(string phase) => _phases.GetValueOrDefault(phase);

        private HistogramCounts Histogram(SortedDictionary<double, double> buckets, string name) => buckets.Count == 0
            ? HistogramCounts.Empty
            : new HistogramCounts(
                buckets.Keys.ToImmutableArray(), buckets.Values.ToImmutableArray(), Plain(name + "_count"), Plain(name + "_sum"));
    }
}
