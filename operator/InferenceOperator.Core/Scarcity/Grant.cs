namespace InferenceOperator.Core.Scarcity;

/// <summary>What one agent may run.</summary>
/// <param name="Agent"><c>namespace/name</c>.</param>
/// <param name="Replicas">At most what it asked for.</param>
/// <param name="Cut">Why it is less; null: it is not.</param>
public sealed record Grant(string Agent, int Replicas, Shortage? Cut);
