using InferenceOperator.Cluster.Admission;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Telemetry;

namespace InferenceOperator.Cluster.Serving;

/// <summary>The figures behind the operator's metrics at one moment.</summary>
internal sealed record OperatorCounts(
    long Reconciles,
    long ReconcileErrors,
    long ControlSteps,
    int QueueDepth,
    int Agents,
    long EventsDropped,
    IReadOnlyCollection<AgentStatus> Statuses,
    IReadOnlyDictionary<(string Verb, string Code), long> ApiRequests)
{
    /// <summary>What is held of the Leases; null: the operator does not contend for any.</summary>
    public LeaseCounts? Leases { get; init; }

    /// <summary>What became of the spans of traces; null while no traces are asked for.</summary>
    public SpanCounts? Spans { get; init; }

    /// <summary>The admission webhook; null: none is served.</summary>
    public AdmissionFigures? Admission { get; init; }

    /// <summary>Seconds for which requests to the API server were held back by the client's own rate limit.</summary>
    public double ThrottledSeconds { get; init; }
}
