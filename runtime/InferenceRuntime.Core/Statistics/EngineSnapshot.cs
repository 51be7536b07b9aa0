using System.Collections.Immutable;

namespace InferenceRuntime.Core.Statistics;

/// <summary>All sums of one engine at one moment, consistent with each other.</summary>
/// <param name="Executions">Sums over executions.</param>
/// <param name="RowsPerExecution">
/// Executions by rows: element i counts those with at most <c>MetricBuckets.Rows[i]</c> rows and more than the bound before it;
/// one element more than there are bounds, the last for those above all. Not cumulative.
/// </param>
/// <param name="Arrivals">Arrivals in closed windows.</param>
/// <param name="Phases">Phase seconds of answered requests.</param>
/// <param name="Queue">What waits now.</param>
public sealed record EngineSnapshot(
    ExecutionSums Executions,
    ImmutableArray<long> RowsPerExecution,
    ArrivalSums Arrivals,
    PhaseSums Phases,
    QueueDepth Queue)
{
    /// <summary>Runs that were ended early because nobody waited for them.</summary>
    public long Terminations { get; init; }

    /// <summary>Runs that did not fit into memory.</summary>
    public long OutOfMemory { get; init; }

    /// <summary>On what the model runs; where it has variants, the full one.</summary>
    public ModelPlacement Placement { get; init; } = ModelPlacement.OnCpu;

    /// <summary>The variants that the model has; empty when it has one form.</summary>
    public ImmutableArray<VariantCount> Variants { get; init; } = [];

    /// <summary>With what <paramref name="part"/>, which shares this one's requests, has waiting and has executed.</summary>
    public EngineSnapshot With(EngineSnapshot part) => this with
    {
        Executions = Executions.Plus(part.Executions),
        RowsPerExecution = [.. RowsPerExecution.Zip(part.RowsPerExecution, static (a, b) => a + b)],
        Queue = new QueueDepth(Queue.Requests + part.Queue.Requests, Queue.Rows + part.Queue.Rows, Queue.Bytes + part.Queue.Bytes),
        Terminations = Terminations + part.Terminations,
        OutOfMemory = OutOfMemory + part.OutOfMemory,
    };
}
