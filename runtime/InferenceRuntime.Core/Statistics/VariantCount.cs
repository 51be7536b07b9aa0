namespace InferenceRuntime.Core.Statistics;

/// <summary>What one variant of a model has done.</summary>
/// <param name="Name">The variant.</param>
/// <param name="Requests">Requests that were given to it, whatever became of them.</param>
/// <param name="Executions">Its executions.</param>
/// <param name="Rows">Rows in them.</param>
/// <param name="Seconds">Seconds in which they occupied their slot.</param>
public sealed record VariantCount(string Name, long Requests, long Executions, double Rows, double Seconds);
