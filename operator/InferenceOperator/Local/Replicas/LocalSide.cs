using InferenceRuntime.Contract;

namespace InferenceOperator.Local.Replicas;

/// <summary>Replicas of one launch that are to run.</summary>
/// <param name="Launch">What they are started with.</param>
/// <param name="Replicas">How many, at least 0.</param>
/// <param name="Settings">What they come up with.</param>
internal sealed record LocalSide(ReplicaLaunch Launch, int Replicas, RuntimeSettings Settings);
