using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>One replica as the API server shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Since">When it came to stand there (<c>Starting</c>: was created), seconds since the start.</param>
public readonly record struct ReplicaStanding(string Name, ReplicaPhase Phase, double Since);
