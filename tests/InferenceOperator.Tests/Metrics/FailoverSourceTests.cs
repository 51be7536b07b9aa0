using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;
using InferenceOperator.Metrics;
using InferenceOperator.Tests.Cluster.Kit;
using InferenceOperator.Workloads;

namespace InferenceOperator.Tests.Metrics;

public sealed class FailoverSourceTests
{
    private readonly SimulatedClock _clock = new();
    private readonly Scripted _first = new(TimeSpan.FromSeconds(15));
    private readonly Scripted _second = new(TimeSpan.FromSeconds(5));
    private readonly InferenceAgent _agent = Written.Read(Written.Agent("ns", "a"));
    private readonly FailoverSource _source;

    public FailoverSourceTests() => _source = new FailoverSource(_first, _second, _clock);

    [Fact]
    public async Task The_second_is_not_asked_while_the_first_is_fresh_and_complete()
    {
        _first.Next = new([Sample(MetricSource.Prometheus)], null);

        var reading = await ReadAsync();

        Assert.Equal(MetricSource.Prometheus, Assert.Single(reading.Samples).Source);
        Assert.Equal(0, _second.Asked);
    }

    [Fact]
    public async Task A_failed_first_is_replaced_asked_again_with_growing_pauses_and_taken_back()
    {
        _first.Next = new([], "down");
        _second.Next = new([Sample(MetricSource.Scrape)], null);

        for (var i = 0; i < 60; i++)
        {
            var reading = await ReadAsync();
            Assert.Null(reading.Failure);
            Assert.Equal(MetricSource.Scrape, Assert.Single(reading.Samples).Source);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(4, _first.Asked); // At 0, 5, 15 and 35 s.
        _first.Next = new([Sample(MetricSource.Prometheus)], null);
        _clock.Advance(FailoverSource.PauseMax);
        _first.Next = new([Sample(MetricSource.Prometheus)], null);
        Assert.Equal(MetricSource.Prometheus, Assert.Single((await ReadAsync()).Samples).Source);
    }

    [Fact]
    public async Task Stale_samples_are_joined_by_those_of_the_replica_itself()
    {
        var stale = Sample(MetricSource.Prometheus);
        _first.Next = new([stale], null);
        _clock.Advance(TimeSpan.FromSeconds(31));
        _second.Next = new([Sample(MetricSource.Scrape)], null);

        var reading = await ReadAsync();

        Assert.Equal([MetricSource.Prometheus, MetricSource.Scrape], reading.Samples.Select(static s => s.Source));
        Assert.Null(reading.Failure);
    }

    [Fact]
    public async Task Samples_from_the_future_are_joined_by_those_of_the_replica_itself()
    {
        _first.Next = new([Sample(MetricSource.Prometheus) with { SampledAt = _clock.GetUtcNow() + TimeSpan.FromSeconds(6) }], null);
        _second.Next = new([Sample(MetricSource.Scrape)], null);

        Assert.Equal(2, (await ReadAsync()).Samples.Length);
    }

    [Fact]
    public async Task When_both_fail_both_reasons_are_told()
    {
        _first.Next = new([], "Prometheus: down");
        _second.Next = new([], "replica r-1: refused");

        Assert.Equal("Prometheus: down; replica r-1: refused", (await ReadAsync()).Failure);
    }

    private ValueTask<MetricReading> ReadAsync() => _source.ReadAsync(_agent, [PrometheusSourceTests.Replica("r-1")], CancellationToken.None);

    private ReplicaSample Sample(MetricSource source) => new("r-1", _clock.GetUtcNow(), source, new RuntimeCounters { ProcessStartedAt = _clock.GetUtcNow() });

    private sealed class Scripted(TimeSpan interval) : IMetricSource
    {
        public int Asked { get; private set; }

        public MetricReading Next { get; set; } = new([], null);

        public TimeSpan Interval => interval;

        public ValueTask<MetricReading> ReadAsync(InferenceAgent agent, ImmutableArray<ReplicaAccess> replicas, CancellationToken cancellationToken)
        {
            Asked++;
            return ValueTask.FromResult(Next);
        }
    }
}
