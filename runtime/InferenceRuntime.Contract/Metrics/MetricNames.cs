namespace InferenceRuntime.Contract;

/// <summary>Names of the metrics that a replica exposes on <c>/metrics</c>; a promise, golden-tested.</summary>
/// <remarks>
/// Every series carries the labels of <see cref="MetricLabels"/> that were given at start (agent, agent_namespace, replica)
/// and <c>model</c>. All totals are counters since process start; seconds are floating point.
/// The six execution sums identify the service time s(b) = a + m·b without bias: they count executions, not requests.
/// </remarks>
public static class MetricNames
{
    /// <summary>Requests by outcome, label <c>outcome</c>: one of <see cref="RequestOutcomes"/>.</summary>
    public const string RequestsTotal = "inference_requests_total";

    /// <summary>Histogram, seconds: from the first byte of the request read to the last byte of the reply handed to the socket; answered requests.</summary>
    public const string RequestSeconds = "inference_request_seconds";

    /// <summary>Seconds spent by answered requests, label <c>phase</c>: one of <see cref="RequestPhases"/>. Divide by answered requests for means.</summary>
    public const string PhaseSecondsTotal = "inference_phase_seconds_total";

    /// <summary>Requests that the SLO counts (answered, refused for lack of room, expired, failed), label <c>slo_seconds</c>.</summary>
    public const string SloRequestsTotal = "inference_slo_requests_total";

    /// <summary>Those of them answered within the SLO, label <c>slo_seconds</c>.</summary>
    public const string SloMetTotal = "inference_slo_met_total";

    /// <summary>Executions, n.</summary>
    public const string ExecutionsTotal = "inference_executions_total";

    /// <summary>Rows over executions, Σb.</summary>
    public const string ExecutionRowsTotal = "inference_execution_rows_total";

    /// <summary>Σb².</summary>
    public const string ExecutionRowsSquaredTotal = "inference_execution_rows_squared_total";

    /// <summary>Σs, seconds the slot was occupied: pack, run, slice.</summary>
    public const string ExecutionSecondsTotal = "inference_execution_seconds_total";

    /// <summary>Σb·s.</summary>
    public const string ExecutionRowsSecondsTotal = "inference_execution_rows_seconds_total";

    /// <summary>Σs².</summary>
    public const string ExecutionSecondsSquaredTotal = "inference_execution_seconds_squared_total";

    /// <summary>Closed windows of 100 ms in which arrivals were counted, n; grows by ten a second also when idle.</summary>
    public const string ArrivalWindowsTotal = "inference_arrival_windows_total";

    /// <summary>Requests that arrived in closed windows, Σk, whatever became of them.</summary>
    public const string ArrivalsTotal = "inference_arrivals_total";

    /// <summary>Σk² over the windows; with the two above: the index of dispersion (burstiness).</summary>
    public const string ArrivalsSquaredTotal = "inference_arrivals_squared_total";

    /// <summary>Rows that arrived, whatever became of them.</summary>
    public const string ArrivalRowsTotal = "inference_arrival_rows_total";

    /// <summary>Histogram of rows per execution.</summary>
    public const string BatchRows = "inference_batch_rows";

    /// <summary>Runs ended early because every client of the batch had gone away.</summary>
    public const string RunsTerminatedTotal = "inference_runs_terminated_total";

    /// <summary>Runs that did not fit into memory; each halves the rows that batches of its shape may have.</summary>
    public const string OutOfMemoryTotal = "inference_out_of_memory_total";

    /// <summary>Requests given to each variant of a model that has several, label <c>variant</c>; absent when it has one form.</summary>
    public const string VariantRequestsTotal = "inference_variant_requests_total";

    /// <summary>Executions of each variant, label <c>variant</c>; absent when there is one form. They add up to the executions.</summary>
    public const string VariantExecutionsTotal = "inference_variant_executions_total";

    /// <summary>Σb over each variant's executions, label <c>variant</c>; with the five sums beside it, its own service time.</summary>
    public const string VariantExecutionRowsTotal = "inference_variant_execution_rows_total";

    /// <summary>Σb² over each variant's executions.</summary>
    public const string VariantExecutionRowsSquaredTotal = "inference_variant_execution_rows_squared_total";

    /// <summary>Σs over each variant's executions.</summary>
    public const string VariantExecutionSecondsTotal = "inference_variant_execution_seconds_total";

    /// <summary>Σb·s over each variant's executions.</summary>
    public const string VariantExecutionRowsSecondsTotal = "inference_variant_execution_rows_seconds_total";

    /// <summary>Σs² over each variant's executions.</summary>
    public const string VariantExecutionSecondsSquaredTotal = "inference_variant_execution_seconds_squared_total";

    /// <summary>
    /// Share of the model's time on an accelerator, 0 to 1, as its warm-up showed, label <c>provider</c>: one of <see cref="ProviderNames"/>; with
    /// label <c>variant</c> where the model has several. 0 on the CPU; absent where it could not be measured.
    /// </summary>
    public const string AcceleratedTimeRatio = "inference_accelerated_time_ratio";

    /// <summary>Share of the model's nodes on an accelerator, 0 to 1, with the same labels.</summary>
    public const string AcceleratedNodesRatio = "inference_accelerated_nodes_ratio";

    /// <summary>Requests waiting now.</summary>
    public const string QueueRequests = "inference_queue_requests";

    /// <summary>Rows waiting now.</summary>
    public const string QueueRows = "inference_queue_rows";

    /// <summary>Tensor bytes waiting now.</summary>
    public const string QueueBytes = "inference_queue_bytes";

    /// <summary>Requests received and not yet answered.</summary>
    public const string RequestsInFlight = "inference_requests_in_flight";

    /// <summary>Requests answered from the cache of responses.</summary>
    public const string CacheHitsTotal = "inference_cache_hits_total";

    /// <summary>Requests answered by the computation of an equal request that was under way.</summary>
    public const string CacheJoinedTotal = "inference_cache_joined_total";

    /// <summary>Requests that the cache was asked for in vain and that were computed.</summary>
    public const string CacheMissesTotal = "inference_cache_misses_total";

    /// <summary>Requests that passed the cache by, since it did not pay.</summary>
    public const string CacheBypassedTotal = "inference_cache_bypassed_total";

    /// <summary>Responses given up for lack of room.</summary>
    public const string CacheEvictionsTotal = "inference_cache_evictions_total";

    /// <summary>Compute time that hits and joined requests did not take, seconds.</summary>
    public const string CacheComputeSecondsSavedTotal = "inference_cache_compute_seconds_saved_total";

    /// <summary>Responses in the cache.</summary>
    public const string CacheEntries = "inference_cache_entries";

    /// <summary>Memory that the cache holds, bytes: keys, values and bookkeeping.</summary>
    public const string CacheBytes = "inference_cache_bytes";

    /// <summary>Rows whose answer by this replica was compared with another's, label <c>result</c>: agreed, differed, incomparable; absent until there is one.</summary>
    public const string ShadowRowsTotal = "inference_shadow_rows_total";

    /// <summary>Requests picked to be answered by another replica as well, label <c>result</c>: sent, dropped, failed; absent until there is one.</summary>
    public const string ShadowRequestsTotal = "inference_shadow_requests_total";

    /// <summary>Versions of models that are announced for later, label <c>stage</c>: one of <see cref="AnnouncedStages"/>.</summary>
    public const string AnnouncedVersions = "inference_announced_versions";

    /// <summary>Memory that they take before they serve, as planned, bytes.</summary>
    public const string AnnouncedBytes = "inference_announced_bytes";

    /// <summary>Settings in force: most rows in one execution.</summary>
    public const string BatchSizeMax = "inference_batch_size_max";

    /// <summary>Settings in force: longest wait for company, seconds.</summary>
    public const string BatchDelayMaxSeconds = "inference_batch_delay_max_seconds";

    /// <summary>1 when ready, else 0.</summary>
    public const string Ready = "inference_ready";

    /// <summary>Seconds from process start to ready; absent before.</summary>
    public const string StartUpSeconds = "inference_start_up_seconds";

    /// <summary>Spans of traces that the receiver took; absent, as the next, while no traces are asked for.</summary>
    public const string SpansExportedTotal = "inference_spans_exported_total";

    /// <summary>Spans of traces that were dropped, label <c>reason</c>: <c>queue_full</c>, or <c>undelivered</c>: the receiver was not reached in time or refused them.</summary>
    public const string SpansDroppedTotal = "inference_spans_dropped_total";

    /// <summary>Processor time of the process, seconds.</summary>
    public const string ProcessCpuSecondsTotal = "process_cpu_seconds_total";

    /// <summary>Resident memory of the process, bytes.</summary>
    public const string ProcessResidentMemoryBytes = "process_resident_memory_bytes";

    /// <summary>Unix time at which the process started.</summary>
    public const string ProcessStartTimeSeconds = "process_start_time_seconds";
}
