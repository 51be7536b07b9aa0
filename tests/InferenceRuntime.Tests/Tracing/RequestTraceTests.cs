using Google.Protobuf;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Variants;
using InferenceRuntime.Onnx.Tests;
using InferenceRuntime.Tests.Execution;
using InferenceRuntime.Tests.Grpc;
using InferenceRuntime.Tracing;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Tracing;

/// <summary>What a trace shows of a request, its batch and its run.</summary>
public sealed class RequestTraceTests
{
    private const int Server = 2;
    private static readonly RuntimeSettings Pairs = new() { Batching = new BatchingSettings { MaxSize = 2, MaxDelayMs = 30_000 } };
    private static readonly RuntimeSettings Singles = new() { Batching = new BatchingSettings { MaxSize = 1, MaxDelayMs = 0 } };

    [Fact]
    public async Task Two_requests_of_one_batch_keep_their_traces_and_are_linked_with_the_batch_that_the_run_is_a_part_of()
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Pairs);
        await using var server = await TracedServer.StartAsync(engine);

        await Task.WhenAll(
            server.InferAsync(TracedServer.Row, ("traceparent", TracedServer.Parent('a', '1', isRecorded: true)), ("tracestate", "vendor=1,other=2")),
            server.InferAsync(TracedServer.Row, ("traceparent", TracedServer.Parent('b', '2', isRecorded: true))));

        var spans = await server.Receiver.WaitAsync(static spans => spans.Count(static s => s.Kind == Server) == 2 && spans.Any(static s => s.Name == "batch"));
        var batch = Assert.Single(spans, static s => s.Name == "batch");
        Assert.Equal(("", 2L, 2L, "m"), (batch.ParentId, batch[SpanAttributes.BatchRequests], batch[SpanAttributes.BatchRows], batch[SpanAttributes.Model]));
        Assert.DoesNotContain(batch.TraceId, (string[])[new string('a', 32), new string('b', 32)]);
        foreach (var (trace, caller, state) in new[] { ('a', '1', "vendor=1,other=2"), ('b', '2', "") })
        {
            var request = Assert.Single(spans, s => s.Kind == Server && s.TraceId == new string(trace, 32));
            Assert.Equal((new string(caller, 16), state, "POST /v2/models/{model}/infer"), (request.ParentId, request.State, request.Name));
            Assert.Contains(request.Id, batch.Links);
            var parts = spans.Where(s => s.ParentId == request.SpanId).ToList();
            Assert.All(parts, part => Assert.Equal(request.TraceId, part.TraceId));
            Assert.Equal([batch.Id], Assert.Single(parts, static s => s.Name == "execute").Links);
        }

        Assert.Equal(2, batch.Links.Count);
        var run = Assert.Single(spans, static s => s.Name == "run");
        Assert.Equal((batch.TraceId, batch.SpanId, 2L, 0L, "Done"), (run.TraceId, run.ParentId, run[SpanAttributes.Rows], run[SpanAttributes.Instance], run[SpanAttributes.RunStatus]));
        Assert.Contains(spans, s => s.Name == "compute" && s.ParentId == run.SpanId);
    }

    [Fact]
    public async Task The_parts_of_a_request_follow_each_other_within_it()
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Pairs);
        await using var server = await TracedServer.StartAsync(engine);

        var first = server.InferAsync(TracedServer.Row, ("traceparent", TracedServer.Parent('a', '1', isRecorded: true)));
        await server.InferAsync(TracedServer.Row, ("traceparent", TracedServer.Parent('b', '2', isRecorded: true)));
        await first;

        var spans = await server.Receiver.WaitAsync(static spans => spans.Count(static s => s.Kind == Server) == 2 && spans.Any(static s => s.Name == "batch"));
        var request = Assert.Single(spans, static s => s.Kind == Server && s.TraceId == new string('a', 32));
        var parts = spans.Where(s => s.ParentId == request.SpanId).OrderBy(static s => s.StartedAt).ToList();
        Assert.Equal(["receive", "batch wait", "execute", "reply"], parts.Select(static s => s.Name));
        Assert.Equal(200L, request[SpanAttributes.HttpStatus]);
        Assert.Equal(("m", "1", 1L, "answered"), (request[SpanAttributes.Model], request[SpanAttributes.Version], request[SpanAttributes.Rows], request[SpanAttributes.Outcome]));
        Assert.True(parts.Zip(parts.Skip(1)).All(static p => p.First.EndedAt <= p.Second.StartedAt));
        Assert.True(parts[0].StartedAt >= request.StartedAt && parts[^1].EndedAt <= request.EndedAt);
    }

    [Fact]
    public async Task Time_in_which_every_instance_is_busy_is_queue_and_not_batch_wait()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = SimulatedEngine.Of(instance, TimeProvider.System, Singles);
        await using var server = await TracedServer.StartAsync(engine);
        var before = server.InferAsync(TracedServer.Row, ("traceparent", TracedServer.Parent('a', '1', isRecorded: true)));
        await instance.RunBegins();
        var waiting = server.CallAsync("ModelInfer", Frame(), ("traceparent", TracedServer.Parent('b', '2', isRecorded: true)));
        await Arrived(engine, 2);

        instance.LetThrough(2);
        await before;
        await waiting;

        var spans = await server.Receiver.WaitAsync(static spans => spans.Count(static s => s.Kind == Server) == 2);
        var parts = spans.Where(static s => s.TraceId == new string('b', 32) && s.Kind != Server).ToList();
        Assert.Contains(parts, static s => s.Name == "queue");
        var queue = parts.Single(static s => s.Name == "queue");
        Assert.True(parts.Where(static s => s.Name == "batch wait").All(wait => wait.EndedAt - wait.StartedAt < queue.EndedAt - queue.StartedAt));
    }

    [Fact]
    public async Task A_call_over_grpc_and_each_request_of_a_stream_is_a_server_span_by_the_names_of_grpc()
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Singles);
        await using var server = await TracedServer.StartAsync(engine);

        await server.CallAsync("ModelInfer", Frame(), ("traceparent", TracedServer.Parent('a', '1', isRecorded: true)));
        await server.CallAsync("ModelStreamInfer", [.. Frame(), .. Frame(), .. Frame("nobody")], ("traceparent", TracedServer.Parent('b', '2', isRecorded: true)));

        var spans = await server.Receiver.WaitAsync(static spans => spans.Count(static s => s.Kind == Server) == 4 && spans.Count(static s => s.Name == "batch") == 3);
        var call = Assert.Single(spans, static s => s.Name == "inference.GRPCInferenceService/ModelInfer");
        Assert.Equal(("grpc", call.Name, "OK", "m"), (call[SpanAttributes.RpcSystem], call[SpanAttributes.RpcMethod], call[SpanAttributes.RpcStatus], call[SpanAttributes.Model]));
        Assert.Equal(spans.Single(s => s.Name == "execute" && s.ParentId == call.SpanId).Links, [spans.Single(s => s.Name == "batch" && s.Links.Contains(call.Id)).Id]);
        var streamed = spans.Where(static s => s.Name == "inference.GRPCInferenceService/ModelStreamInfer").ToList();
        Assert.All(streamed, static s => Assert.Equal((new string('b', 32), new string('2', 16)), (s.TraceId, s.ParentId)));
        Assert.Equal(["NOT_FOUND", "OK", "OK"], streamed.Select(static s => (string)s[SpanAttributes.RpcStatus]!).Order());
    }

    [Fact]
    public async Task A_request_in_pieces_is_linked_with_every_batch_that_it_ran_in()
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Pairs);
        await using var server = await TracedServer.StartAsync(engine);

        await server.InferAsync("""{"inputs":[{"name":"x","shape":[6],"datatype":"UINT8","data":[1,2,3,4,5,6]}]}""");

        var spans = await server.Receiver.WaitAsync(static spans => spans.Any(static s => s.Kind == Server) && spans.Count(static s => s.Name == "batch") == 3);
        Assert.Equal(
            spans.Where(static s => s.Name == "batch").Select(static s => s.Id).Order(),
            spans.Where(static s => s.Name == "execute").SelectMany(static s => s.Links).Order());
    }

    [Fact]
    public async Task Every_try_of_a_batch_that_is_refused_is_a_run_of_it()
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Pairs);
        await using var server = await TracedServer.StartAsync(engine);

        var statuses = await Task.WhenAll(
            server.InferAsync(TracedServer.Row),
            server.InferAsync(TracedServer.Row.Replace("7", "254", StringComparison.Ordinal)));

        var spans = await server.Receiver.WaitAsync(static spans => spans.Count(static s => s.Kind == Server) == 2 && spans.Any(static s => s.Name == "batch"));
        Assert.Equal([200, 400], statuses);
        var batch = spans.Single(static s => s.Name == "batch");
        var runs = spans.Where(s => s.Name == "run" && s.ParentId == batch.SpanId).OrderBy(static s => s.StartedAt).ToList();
        Assert.Equal([2L, 1L, 1L], runs.Select(static s => (long)s[SpanAttributes.Rows]!));
        Assert.Equal(2, runs.Count(static s => s.IsError));
        Assert.Equal(["answered", "invalid"], spans.Where(static s => s.Kind == Server).Select(static s => (string)s[SpanAttributes.Outcome]!).Order());
    }

    [Fact]
    public async Task A_run_that_fails_is_an_error_of_its_requests()
    {
        await using var engine = SimulatedEngine.Of(new SimulatedInstance(), TimeProvider.System, Singles);
        await using var server = await TracedServer.StartAsync(engine);

        Assert.Equal(500, await server.InferAsync(TracedServer.Row.Replace("7", "255", StringComparison.Ordinal)));

        var spans = await server.Receiver.WaitAsync(static spans => spans.Any(static s => s.Kind == Server) && spans.Any(static s => s.Name == "run"));
        var request = spans.Single(static s => s.Kind == Server);
        Assert.Equal((true, 500L, "500", "failed"), (request.IsError, request[SpanAttributes.HttpStatus], request[SpanAttributes.ErrorType], request[SpanAttributes.Outcome]));
        Assert.True(spans.Single(static s => s.Name == "run").IsError);
    }

    [Fact]
    public async Task A_request_that_gives_up_waiting_shows_how_long_it_waited()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = SimulatedEngine.Of(instance, TimeProvider.System, Singles);
        await using var server = await TracedServer.StartAsync(engine);
        var before = server.InferAsync(TracedServer.Row, ("traceparent", TracedServer.Parent('a', '1', isRecorded: false)));
        await instance.RunBegins();

        Assert.Equal(504, await server.InferAsync(TracedServer.Row[..^1] + ""","parameters":{"timeout":20000}}"""));
        instance.LetThrough();
        await before;

        var spans = await server.Receiver.WaitAsync(static spans => spans.Any(static s => s.Kind == Server));
        var request = spans.Single(static s => s.Kind == Server);
        Assert.Equal("expired", request[SpanAttributes.Outcome]);
        Assert.Contains(spans, s => s.Name == "queue" && s.ParentId == request.SpanId);
    }

    [Fact]
    public async Task Variant_bucket_and_cache_are_named_where_they_had_a_part()
    {
        using var folder = new ModelFolder();
        var settings = new RuntimeSettings
        {
            Padding = new Dictionary<string, PaddingSettings> { ["x"] = new() { Axis = 1, Buckets = [4, 8] } },
            Cache = new CacheSettings { Policy = CachePolicy.LRU, MaxBytes = 1 << 20 },
        };
        var full = await folder.EngineAsync(TinyModel.Identity(DataType.Uint8, "n", "t"), settings);
        await using var variants = new VariantEngine([new ModelVariant("full", full)], settings, TimeProvider.System);
        var engine = new CachingEngine(variants, new byte[KeyedHash.SecretBytes], TimeProvider.System);
        await using var server = await TracedServer.StartAsync(engine);
        const string Body = """{"inputs":[{"name":"x","shape":[1,3],"datatype":"UINT8","data":[1,2,3]}]}""";

        Assert.Equal(200, await server.InferAsync(Body));
        Assert.Equal(200, await server.InferAsync(Body));

        var spans = await server.Receiver.WaitAsync(static spans => spans.Count(static s => s.Kind == Server) == 2 && spans.Any(static s => s.Name == "batch"));
        var requests = spans.Where(static s => s.Kind == Server).OrderBy(static s => s.StartedAt).ToList();
        Assert.Equal(("full", "t=4", null), (requests[0][SpanAttributes.Variant], requests[0][SpanAttributes.Bucket], requests[0][SpanAttributes.Cache]));
        Assert.Equal("hit", requests[1][SpanAttributes.Cache]);
        var batch = spans.Single(static s => s.Name == "batch");
        Assert.Equal(("full", "t=4"), (batch[SpanAttributes.Variant], batch[SpanAttributes.Bucket]));
    }

    private static byte[] Frame(string model = "m")
    {
        var request = Requests.Raw(("x", "UINT8", [1], [7]));
        request.ModelName = model;
        return GrpcCaller.Frame(request.ToByteArray());
    }

    /// <summary>Completes when so many requests have entered the queue.</summary>
    private static async Task Arrived(BatchingEngine engine, int requests)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (engine.Statistics.Snapshot(TimeProvider.System.GetTimestamp()).Arrivals.Rows < requests)
        {
            await ticks.WaitForNextTickAsync(patience.Token);
        }
    }
}
