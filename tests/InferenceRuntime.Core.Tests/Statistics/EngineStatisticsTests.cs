using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Tests.Statistics;

public sealed class EngineStatisticsTests
{
    private const long Frequency = 70_000_000;
    private const long Start = 123_456;
    private const long Window = Frequency / EngineStatistics.WindowsPerSecond;

    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly EngineStatistics _statistics = new(Start, Frequency);

    [Fact]
    public void Executions_give_the_six_sums_and_the_histogram()
    {
        foreach (var (rows, milliseconds) in new[] { (1, 10), (4, 20), (4, 30), (5000, 40) })
        {
            Execute(rows, milliseconds);
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
        Execute(1, 1000);
        _statistics.SetQueue(new QueueDepth(1, 2, 3));
        var before = _statistics.Snapshot(Start);

        Execute(1, 1000);
        _statistics.SetQueue(default);

        Assert.Equal((1, 1, new QueueDepth(1, 2, 3)), (before.Executions.Count, before.RowsPerExecution[0], before.Queue));
    }

    [Fact]
    public void Requests_count_once_with_the_times_of_their_batch_and_the_phases_add_up()
    {
        var times = new ExecutionTimes(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(2));
        _statistics.AddExecution(6, times, Noon);
        _statistics.AddSuccesses(3, queued: TimeSpan.FromMilliseconds(9), times);
        _statistics.AddFailure(TimeSpan.FromMilliseconds(5));
        _statistics.AddFailure(TimeSpan.Zero);

        var model = _statistics.ReadModel();
        Assert.Equal(new DurationSum(3, TimeSpan.FromMilliseconds(48)), model.Success);
        Assert.Equal(new DurationSum(2, TimeSpan.FromMilliseconds(5)), model.Failure);
        Assert.Equal(new DurationSum(3, TimeSpan.FromMilliseconds(9)), model.Queue);
        Assert.Equal(new DurationSum(3, TimeSpan.FromMilliseconds(3)), model.ComputeInput);
        Assert.Equal(new DurationSum(3, TimeSpan.FromMilliseconds(30)), model.ComputeInfer);
        Assert.Equal(new DurationSum(3, TimeSpan.FromMilliseconds(6)), model.ComputeOutput);
        Assert.Equal((6, 1, Noon), (model.InferenceCount, model.ExecutionCount, model.LastInferenceAt));
        Assert.Equal(
            new BatchSizeStatistics(6, new(1, times.Input), new(1, times.Infer), new(1, times.Output)), Assert.Single(model.BatchSizes));
    }

    [Fact]
    public void Before_the_first_request_all_is_zero_and_the_last_inference_is_the_epoch()
    {
        var model = _statistics.ReadModel();

        Assert.Equal((default, default, 0, 0), (model.Success, model.Failure, model.InferenceCount, model.ExecutionCount));
        Assert.Equal(DateTimeOffset.UnixEpoch, model.LastInferenceAt);
        Assert.Empty(model.BatchSizes);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 64)]
    [InlineData(65, 128)]
    [InlineData(128, 128)]
    [InlineData(129, 256)]
    [InlineData(65_536, 65_536)]
    [InlineData(int.MaxValue, 8_388_608)]
    public void Sizes_are_exact_up_to_64_and_then_powers_of_two(int rows, int reported)
    {
        Execute(rows, 1);

        Assert.Equal(reported, Assert.Single(_statistics.ReadModel().BatchSizes).Rows);
    }

    [Fact]
    public void The_number_of_sizes_is_bounded()
    {
        for (var rows = 1; rows > 0 && rows < int.MaxValue / 2; rows += 1 + (rows / 100))
        {
            Execute(rows, 1);
        }

        Assert.Equal(81, _statistics.ReadModel().BatchSizes.Length);
    }

    private void Execute(int rows, double milliseconds) =>
        _statistics.AddExecution(rows, new ExecutionTimes(TimeSpan.Zero, TimeSpan.FromMilliseconds(milliseconds), TimeSpan.Zero), Noon);
}
