namespace InferenceOperator.Demo;

/// <summary>A row of the demo's table: one second of load beside what the operator had in force.</summary>
/// <param name="Load">What the client saw.</param>
/// <param name="BatchLimit">Batch limit in force; 0 before the first decision.</param>
/// <param name="ReadyReplicas">Replicas that answer.</param>
/// <param name="WantedReplicas">Replicas wanted.</param>
/// <param name="Decision">The last decision and why.</param>
internal sealed record DemoSecond(LoadSecond Load, int BatchLimit, int ReadyReplicas, int WantedReplicas, string Decision);
