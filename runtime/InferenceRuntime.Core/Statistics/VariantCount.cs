namespace InferenceRuntime.Core.Statistics;

/// <summary>What one variant of a model has done.</summary>
/// <param name="Name">The variant.</param>
/// <param name="Requests">Requests that were given to it, whatever became of them.</param>
/// <param name="Executions">Sums over its executions.</param>
public sealed record VariantCount(string Name, long Requests, ExecutionSums Executions)
{
    /// <summary>On what it runs.</summary>
    public ModelPlacement Placement { get; init; } = ModelPlacement.OnCpu;
}
