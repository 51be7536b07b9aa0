using InferenceOperator.Core.Observation;
using InferenceOperator.Local.Endpoint;
using InferenceRuntime.Contract;

namespace InferenceOperator.Local.Replicas;

/// <summary>Where a local replica stands; swapped whole.</summary>
/// <param name="Phase">Starting, Ready, Draining or Failed.</param>
/// <param name="Since">When it came to this phase.</param>
/// <param name="Message">Why it failed, also while it is started again; empty when nothing is to be said.</param>
/// <param name="Pid">Its process, or 0.</param>
/// <param name="Addresses">Where it listens, once it is ready.</param>
/// <param name="Upstream">Its place behind the endpoint, once it is ready.</param>
/// <param name="ModelRefused">True when its last process ended because the model cannot be served.</param>
internal sealed record LocalReplicaState(
    ReplicaPhase Phase, DateTimeOffset Since, string Message, int Pid, ReplicaEndpoints? Addresses, Upstream? Upstream, bool ModelRefused)
{
    /// <summary>When a failed replica is started again.</summary>
    public DateTimeOffset? RestartAt { get; init; }

    /// <summary>On what it runs its model, once it is ready.</summary>
    public ModelPlacement? Placement { get; init; }

    public static LocalReplicaState Starting(DateTimeOffset since) => new(ReplicaPhase.Starting, since, "", 0, null, null, ModelRefused: false);
}
