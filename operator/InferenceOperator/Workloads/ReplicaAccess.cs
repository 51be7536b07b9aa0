using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Workloads;

/// <summary>How to reach one replica.</summary>
/// <param name="Name">The replica's name; equals <see cref="ReplicaObservation.Name"/>.</param>
/// <param name="Incarnation">Changes whenever another process stands behind the name, so that it is asked for its settings again.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Metrics">Root of the metrics port, <c>http://host:port</c>; the text is under <c>/metrics</c>.</param>
/// <param name="Admin">Root of the admin port, <c>http://host:port</c>.</param>
/// <param name="Token">Opens the admin port.</param>
internal sealed record ReplicaAccess(string Name, string Incarnation, ReplicaPhase Phase, Uri Metrics, Uri Admin, AdminToken Token)
{
    /// <summary>What it was started with; null: not known.</summary>
    public RevisionName? Revision { get; init; }
}
