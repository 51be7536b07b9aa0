using InferenceOperator.Core.Rollout;

namespace InferenceOperator.Core.Observation;

/// <summary>One replica as its back end sees it.</summary>
/// <param name="Name">Name of the pod or of the local replica.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Since">When it was created (<c>Starting</c>, <c>Unschedulable</c>) or came to this phase.</param>
/// <param name="Message">Why it stands there, for people; empty when nothing is to be said.</param>
/// <param name="Fault">What keeps it from running.</param>
public sealed record ReplicaObservation(string Name, ReplicaPhase Phase, DateTimeOffset Since, string Message = "", ReplicaFault Fault = ReplicaFault.None)
{
    /// <summary>What it was started with; null: not known.</summary>
    public RevisionName? Revision { get; init; }
}
