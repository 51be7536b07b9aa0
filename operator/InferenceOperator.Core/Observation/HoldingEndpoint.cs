namespace InferenceOperator.Core.Observation;

/// <summary>What stands in front of the replicas and lets requests wait when there is none.</summary>
/// <param name="Held">Requests that wait for a replica, at least 0.</param>
/// <param name="Inside">Requests received and not answered, those that wait included.</param>
public sealed record HoldingEndpoint(int Held, int Inside);
