using System.Collections.Immutable;

namespace InferenceOperator.Core.Observation;

/// <summary>The cumulative sums and gauges of one replica as it exports them; sums count from its process start.</summary>
public sealed record RuntimeCounters
{
    /// <summary><c>process_start_time_seconds</c>.</summary>
    public required DateTimeOffset ProcessStartedAt { get; init; }

    /// <summary><c>inference_ready</c>.</summary>
    public bool Ready { get; init; }

    /// <summary><c>inference_start_up_seconds</c>; null before the replica is ready.</summary>
    public double? StartUpSeconds { get; init; }

    /// <summary><c>inference_requests_total</c>, outcome <c>answered</c>.</summary>
    public double Answered { get; init; }

    /// <summary><c>inference_requests_total</c>, outcomes <c>queue_full</c>, <c>expired</c> and <c>failed</c>: what the SLO counts as missed.</summary>
    public double Refused { get; init; }

    /// <summary>The label <c>slo_seconds</c> of the two below; null when the replica counts against no SLO.</summary>
    public double? SloSeconds { get; init; }

    /// <summary><c>inference_slo_requests_total</c> of that label.</summary>
    public double SloRequests { get; init; }

    /// <summary><c>inference_slo_met_total</c> of that label.</summary>
    public double SloMet { get; init; }

    /// <summary><c>inference_request_seconds</c>.</summary>
    public HistogramCounts Latency { get; init; } = HistogramCounts.Empty;

    /// <summary><c>inference_batch_rows</c>.</summary>
    public HistogramCounts BatchRows { get; init; } = HistogramCounts.Empty;

    /// <summary><c>inference_phase_seconds_total</c>.</summary>
    public PhaseSums Phases { get; init; }

    /// <summary>The six <c>inference_execution…_total</c>.</summary>
    public ExecutionSums Executions { get; init; }

    /// <summary>The six <c>inference_variant_execution…_total</c> by variant; empty when the replica has one form of the model.</summary>
    public ImmutableSortedDictionary<string, ExecutionSums> Variants { get; init; } = ImmutableSortedDictionary<string, ExecutionSums>.Empty;

    /// <summary>The <c>inference_arrival…_total</c>.</summary>
    public ArrivalSums Arrivals { get; init; }

    /// <summary><c>inference_shadow_rows_total</c>, all results.</summary>
    public double ShadowRows { get; init; }

    /// <summary>Those of them on which the answers differed or could not be compared.</summary>
    public double ShadowDiffered { get; init; }

    /// <summary><c>inference_queue_requests</c>.</summary>
    public double QueueRequests { get; init; }

    /// <summary><c>inference_queue_rows</c>.</summary>
    public double QueueRows { get; init; }

    /// <summary><c>inference_requests_in_flight</c>.</summary>
    public double InFlight { get; init; }

    /// <summary><c>inference_batch_size_max</c>: the limit in force.</summary>
    public double BatchSizeMax { get; init; }

    /// <summary><c>inference_batch_delay_max_seconds</c>: the limit in force.</summary>
    public double BatchDelayMaxSeconds { get; init; }
}
