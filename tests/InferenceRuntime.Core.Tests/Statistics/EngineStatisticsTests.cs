using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Tests.Statistics;

public sealed class EngineStatisticsTests
{
    private const long Frequency = 70_000_000;
    private const long Start = 123_456;
    private const long Window = Frequency / EngineStatistics.WindowsPerSecond;

    private readonly EngineStatistics _statistics = new(Start, Frequency);

    [Fact]
    public void Executions_give_the_six_sums_and_the_histogram()
    {
        foreach (var (rows, milliseconds) in new[] { (1, 10), (4, 20), (4, 30), (5000, 40) })
        {
            _statistics.AddExecution(rows, TimeSpan.FromMilliseconds(milliseconds));
        }

        var snapshot = _statistics.Snapshot(Start);
        var sums = snapshot.Executions;
        Assert.Equal((4, 5009, 1 + 16 + 16 + 25_000_000), (sums.Count, sums.Rows, sums.RowsSquared));
        Assert.Equal(0.1, sums.Seconds, 12);
        Assert.Equal(0.01 + 0.08 + 0.12 + 200, sums.RowsSeconds, 9);
        Assert.Equal(0.0001 + 0.0004 + 0.0009 + 0.0016, sums.SecondsSquared, 12);
        Assert.Equal(MetricBuckets.Rows.Count + 1, snapshot.RowsPerExecution.Length);
        Assert.Equal((1, 2, 1), (snapshot.RowsPerExecution[0], snapshot.RowsPerExecution[2], snapshot.RowsPerExecution[^1]));
        Assert.Equal(4, snapshot.RowsPerExecution.Sum());
    }

    [Fact]
    public void Arrivals_are_counted_in_closed_windows_and_windows_close_while_idle()
    {
        _statistics.AddArrival(Start, rows: 2);
        _statistics.AddArrival(Start + Window - 1, rows: 3);
        Assert.Equal(new ArrivalSums(0, 0, 0, 5), _statistics.Snapshot(Start + Window - 1).Arrivals);

        _statistics.AddArrival(Start + Window, rows: 1);
        Assert.Equal(new ArrivalSums(1, 2, 4, 6), _statistics.Snapshot(Start + Window).Arrivals);
        Assert.Equal(new ArrivalSums(10, 3, 5, 6), _statistics.Snapshot(Start + (10 * Window)).Arrivals);
        Assert.Equal(new ArrivalSums(36_000, 3, 5, 6), _statistics.Snapshot(Start + (36_000 * Window)).Arrivals);
    }

    [Fact]
    public void A_clock_read_a_moment_too_early_counts_in_the_open_window()
    {
        _statistics.AddArrival(Start + (3 * Window), rows: 1);
        _statistics.AddArrival(Start + (3 * Window) - 1, rows: 1);

        Assert.Equal(new ArrivalSums(4, 2, 4, 2), _statistics.Snapshot(Start + (4 * Window)).Arrivals);
    }

    [Fact]
    public void Phases_add_up_and_copies_count_as_communication()
    {
        var engine = new PhaseTimes(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.25));

        _statistics.AddAnswered(engine, transfer: TimeSpan.FromSeconds(0.5), overhead: TimeSpan.FromSeconds(4));
        _statistics.AddAnswered(engine, TimeSpan.Zero, TimeSpan.Zero);

        Assert.Equal(new PhaseSums(2, 2, 4, 1, 4), _statistics.Snapshot(Start).Phases);
        Assert.Equal(TimeSpan.FromSeconds(3.25), engine.Total);
    }

    [Fact]
    public void A_snapshot_does_not_change_afterwards()
    {
        _statistics.AddExecution(1, TimeSpan.FromSeconds(1));
        _statistics.SetQueue(new QueueDepth(1, 2, 3));
        var before = _statistics.Snapshot(Start);

        _statistics.AddExecution(1, TimeSpan.FromSeconds(1));
        _statistics.SetQueue(default);

        Assert.Equal((1, 1, new QueueDepth(1, 2, 3)), (before.Executions.Count, before.RowsPerExecution[0], before.Queue));
    }
}
