using InferenceRuntime.Contract;
using InferenceRuntime.Telemetry;
using InferenceRuntime.Tests.Execution;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Tracing;

/// <summary>Which traces are recorded.</summary>
public sealed class TraceSamplingTests(ITestOutputHelper output)
{
    private const int Server = 2;

    [Theory]
    [InlineData(null, null, true, true, false)]
    [InlineData("parentbased_always_on", null, true, true, false)]
    [InlineData("always_on", null, true, true, true)]
    [InlineData("always_off", null, false, false, false)]
    [InlineData("parentbased_always_off", null, false, true, false)]
    [InlineData("parentbased_traceidratio", "0", false, true, false)]
    [InlineData("parentbased_traceidratio", "1", true, true, false)]
    [InlineData("traceidratio", "1", true, true, true)]
    [InlineData("traceidratio", "0", false, false, false)]
    [InlineData("traceidratio", null, true, true, true)]
    public void The_sampler_decides_by_its_name_for_no_caller_a_recording_one_and_one_that_does_not(
        string? name, string? argument, bool root, bool recording, bool notRecording)
    {
        List<string> complaints = [];
        var sampler = new TraceSampler(TraceSampling.Read(name, argument, complaints), seed: 1);

        Assert.Empty(complaints);
        Assert.Equal(root, sampler.Records(default));
        Assert.Equal(recording, sampler.Records(TraceParent.Read(TracedServer.Parent('a', '1', isRecorded: true))));
        Assert.Equal(notRecording, sampler.Records(TraceParent.Read(TracedServer.Parent('a', '1', isRecorded: false))));
    }

    [Theory]
    [InlineData("jaeger_remote", null)]
    [InlineData("traceidratio", "1.5")]
    [InlineData("traceidratio", "-0.1")]
    [InlineData("traceidratio", "NaN")]
    [InlineData("traceidratio", "a tenth")]
    public void What_is_not_known_is_told_by_its_variable_and_everything_is_recorded(string name, string? argument)
    {
        List<string> complaints = [];

        var sampling = TraceSampling.Read(name, argument, complaints);

        Assert.StartsWith("OTEL_TRACES_SAMPLER", Assert.Single(complaints), StringComparison.Ordinal);
        Assert.Equal(1, sampling.Ratio);
    }

    [Fact]
    public void A_ratio_goes_by_the_traces_id_so_that_every_service_decides_the_same()
    {
        var one = new TraceSampler(new TraceSampling(0.5, FollowsParent: false), seed: 1);
        var other = new TraceSampler(new TraceSampling(0.5, FollowsParent: false), seed: 2);

        for (var i = 0; i < 16; i++)
        {
            var parent = TraceParent.Read($"00-{new string('c', 16)}{i:x}{new string('0', 14)}1-{new string('1', 16)}-00");
            Assert.Equal(i < 8, one.Records(parent));
            Assert.Equal(i < 8, other.Records(parent));
        }
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.25)]
    public void Traces_that_begin_here_are_drawn_at_the_ratio(double ratio)
    {
        const int Seed = 17;
        const int Draws = 100_000;
        var sampler = new TraceSampler(new TraceSampling(ratio, FollowsParent: true), Seed);

        var recorded = Enumerable.Range(0, Draws).Count(_ => sampler.RecordsRoot());

        // Five standard deviations of a binomial.
        output.WriteLine($"seed {Seed}: {recorded} of {Draws}");
        Assert.InRange(Math.Abs(recorded - (ratio * Draws)), 0, 5 * Math.Sqrt(Draws * ratio * (1 - ratio)));
    }

    [Fact]
    public async Task A_batch_of_a_recorded_request_and_one_that_is_not_tells_of_both_and_is_linked_with_the_one()
    {
        await using var engine = SimulatedEngine.Of(
            new SimulatedInstance(), TimeProvider.System, new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 2, MaxDelayMs = 30_000 } });
        await using var server = await TracedServer.StartAsync(engine);

        await Task.WhenAll(
            server.InferAsync(TracedServer.Row, ("traceparent", TracedServer.Parent('a', '1', isRecorded: true))),
            server.InferAsync(TracedServer.Row, ("traceparent", TracedServer.Parent('b', '2', isRecorded: false))));

        var spans = await server.Receiver.WaitAsync(static spans => spans.Any(static s => s.Kind == Server) && spans.Any(static s => s.Name == "batch"));
        await server.Traces.DisposeAsync();
        Assert.DoesNotContain(server.Receiver.Spans, static s => s.TraceId == new string('b', 32) && s.Kind == Server);
        var batch = Assert.Single(server.Receiver.Spans, static s => s.Name == "batch");
        Assert.Equal(2L, batch[InferenceRuntime.Tracing.SpanAttributes.BatchRequests]);
        Assert.Equal([Assert.Single(spans, static s => s.Kind == Server).Id], batch.Links);
    }

    [Theory]
    [InlineData("00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1111111111111111")]
    [InlineData("garbage")]
    [InlineData("00-00000000000000000000000000000000-1111111111111111-01")]
    public async Task A_malformed_header_is_as_good_as_none_and_the_request_is_answered(string header)
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System);
        await using var server = await TracedServer.StartAsync(engine);

        Assert.Equal(200, await server.InferAsync(TracedServer.Row, ("traceparent", header), ("tracestate", "vendor=1")));

        var spans = await server.Receiver.WaitAsync(static spans => spans.Any(static s => s.Kind == Server));
        var request = spans.Single(static s => s.Kind == Server);
        Assert.Equal(("", ""), (request.ParentId, request.State));
        Assert.DoesNotContain(new string('a', 30), request.TraceId, StringComparison.Ordinal);
    }
}
