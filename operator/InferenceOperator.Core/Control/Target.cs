using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control;

/// <summary>The two levers' positions.</summary>
public sealed record Target(int Replicas, BatchLimits Batching);
