using InferenceOperator.Core.Resource;

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
    IReadOnlyDictionary<(string Verb, string Code), long> ApiRequests);
