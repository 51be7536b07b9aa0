using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Caching;

/// <summary>What share of its batch's compute time a request stands for: its rows over the rows of a usual batch.</summary>
/// <remarks>Rows see batches of Σb² / Σb rows on average. Thread safe.</remarks>
public sealed class ComputeShare
{
    /// <summary>Answers after which the size of a usual batch is read anew.</summary>
    public const int Interval = 256;

    private readonly Lock _gate = new();
    private double _batchRows = 1;
    private long _answers = -1;
    private ExecutionSums _before;

    /// <summary>Compute time of one request, microseconds.</summary>
    /// <param name="compute">The run of its batch.</param>
    /// <param name="rows">Rows of the request.</param>
    /// <param name="statistics">Where executions are counted.</param>
    /// <param name="now">Timestamp.</param>
    public double Of(TimeSpan compute, int rows, EngineStatistics statistics, long now)
    {
        if (Interlocked.Increment(ref _answers) % Interval == 0)
        {
            var sums = statistics.Snapshot(now).Executions;
            lock (_gate)
            {
                var seen = sums.Rows - _before.Rows;
                if (seen > 0)
                {
                    Volatile.Write(ref _batchRows, (sums.RowsSquared - _before.RowsSquared) / seen);
                    _before = sums;
                }
            }
        }

        return compute.TotalMicroseconds * Math.Min(1, rows / Math.Max(1, Volatile.Read(ref _batchRows)));
    }
}
