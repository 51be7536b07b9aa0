using System.IO.Compression;
using System.Net;
using System.Text;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Local.Endpoint.Grpc;
using Microsoft.AspNetCore.Http;

namespace InferenceOperator.Tests.Local.Grpc;

public sealed class GrpcEndpointTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly EndpointLimits Limits = new() { BodyBytesMax = 4 << 20, SilenceMax = TimeSpan.FromSeconds(2), HoldTimeMax = TimeSpan.FromSeconds(20) };

    private const string Parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private readonly RouteTable _routes = new();
    private readonly AgentRoute _route = new("digits", Limits, TimeProvider.System);
    private readonly List<IAsyncDisposable> _replicas = [];
    private EndpointServer? _endpoint;
    private GrpcAsker? _asker;

    private EndpointServer Endpoint => _endpoint!; // Started before each test.

    private GrpcAsker Asker => _asker!;

    public async Task InitializeAsync()
    {
        _routes.Add(_route);
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        _endpoint = await EndpointServer.StartAsync(any, any, _routes, Limits, new NoPages(), TimeProvider.System, CancellationToken.None);
        _asker = new GrpcAsker(_endpoint.GrpcAddress);
    }

    public async Task DisposeAsync()
    {
        Asker.Dispose();
        await Endpoint.DisposeAsync();
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_call_reaches_the_replica_byte_for_byte_with_what_is_left_of_its_time_and_the_reply_comes_back_as_it_is()
    {
        byte[]? seen = null;
        var (path, timeout, trace) = ("", TimeSpan.Zero, ("", ""));
        await ServeAsync(async context =>
        {
            path = context.Request.Path;
            trace = (context.Request.Headers.TraceParent.ToString(), context.Request.Headers.TraceState.ToString());
            Assert.True(CallTimeout.TryParse(context.Request.Headers["grpc-timeout"].ToString(), out timeout));
            seen = await GrpcReplicas.ReadAsync(context);
            await GrpcReplicas.AnswerAsync(context, [10, 1, 65]);
        });
        var message = GrpcAsker.Digits();

        var answer = await Asker.CallAsync("ModelInfer", message, ("grpc-timeout", "50S"), ("traceparent", Parent), ("tracestate", "vendor=1"));

        Assert.Equal((Parent, "vendor=1"), trace);
        Assert.Equal("0", answer.Status);
        Assert.Equal([10, 1, 65], Assert.Single(answer.Messages));
        Assert.Equal(GrpcAsker.Frame(message), seen);
        Assert.Equal("/inference.GRPCInferenceService/ModelInfer", path);
        Assert.InRange(timeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(50) - TimeSpan.FromTicks(1));
        Assert.Equal(1, _route.Counters.Count(ForwardResult.Answered));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    [InlineData(3 << 20)]
    public async Task Messages_of_any_size_come_through_both_ways(int bytes)
    {
        await ServeAsync(GrpcReplicas.Echo());
        var content = new byte[bytes];
        new Random(7).NextBytes(content);
        var message = new List<byte>().Text(1, "digits").Bytes(7, content);

        var answer = await Asker.CallAsync("ModelInfer", message);

        Assert.Equal("0", answer.Status);
        Assert.Equal(new List<byte>().Bytes(1, [.. message]), Assert.Single(answer.Messages));
    }

    [Fact]
    public async Task The_agent_is_found_wherever_in_the_message_its_name_stands_and_in_a_compressed_one()
    {
        await ServeAsync(GrpcReplicas.Echo());
        var late = new List<byte>().Bytes(7, new byte[1000]).Text(1, "digits");
        using var memory = new MemoryStream();
        await using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(GrpcAsker.Digits().ToArray());
        }

        var plain = await Asker.CallAsync("ModelInfer", late);
        var compressed = await Asker.SendAsync(GrpcAsker.Service + "ModelInfer", new ByteArrayContent(GrpcAsker.Frame(memory.ToArray(), flag: 1)), CancellationToken.None, ("grpc-encoding", "gzip"));

        Assert.Equal(("0", "0"), (plain.Status, compressed.Status));
    }

    [Theory]
    [InlineData("other", "5", "there is no agent 'other'; the agents are: digits")]
    [InlineData("", "3", "there is no agent ''; the agents are: digits")]
    public async Task An_agent_that_there_is_not_is_named_with_those_that_there_are(string name, string status, string message)
    {
        var answer = await Asker.CallAsync("ModelInfer", GrpcAsker.Digits(name));

        Assert.Equal((status, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task What_is_no_call_of_the_protocol_is_refused_by_the_status_that_says_so()
    {
        var garbage = await Asker.CallAsync("ModelInfer", [0xFF, 0xFF]);
        var unknown = await Asker.CallAsync("RepositoryModelLoad", []);
        var two = await Asker.SendAsync(GrpcAsker.Service + "ModelInfer", new ByteArrayContent([.. GrpcAsker.Frame([]), .. GrpcAsker.Frame([])]), CancellationToken.None);
        var cut = await Asker.SendAsync(GrpcAsker.Service + "ModelInfer", new ByteArrayContent([0, 0, 0, 0, 9, 1]), CancellationToken.None);
        var tooLong = await Asker.CallAsync("ModelInfer", new byte[Limits.BodyBytesMax]);
        var encoding = await Asker.CallAsync("ModelInfer", [], ("grpc-encoding", "zstd"));
        var timeout = await Asker.CallAsync("ModelInfer", [], ("grpc-timeout", "soon"));

        Assert.Equal(["3", "12", "12", "3", "8", "12", "3"], [garbage.Status, unknown.Status, two.Status, cut.Status, tooLong.Status, encoding.Status, timeout.Status]);
    }

    [Fact]
    public async Task A_call_whose_replica_breaks_before_the_reply_is_whole_is_answered_by_another()
    {
        var asked = 0;
        RequestDelegate breaks = async context =>
        {
            if (Interlocked.Increment(ref asked) > 1)
            {
                await GrpcReplicas.Echo()(context);
                return;
            }

            await GrpcReplicas.ReadAsync(context);
            await GrpcAnswers.BeginAsync(context, encoding: null);
            await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0 });
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        await ServeAsync(breaks, breaks);

        var answer = await Asker.CallAsync("ModelInfer", GrpcAsker.Digits());

        Assert.Equal(("0", 2), (answer.Status, asked));
        Assert.Equal(1, _route.Counters.TriedAgain);
    }

    [Fact]
    public async Task A_replica_that_takes_no_new_work_is_passed_over_and_what_another_status_says_is_passed_on()
    {
        var asked = 0;
        RequestDelegate leaves = context => Interlocked.Increment(ref asked) == 1 ? GrpcReplicas.Refuse("14", "draining")(context) : GrpcReplicas.Refuse("8", "the queue is full 100%25")(context);
        await ServeAsync(leaves, leaves);

        var answer = await Asker.CallAsync("ModelInfer", GrpcAsker.Digits());

        Assert.Equal(("8", "the queue is full 100%25", 2), (answer.Status, answer.Message, asked));
    }

    [Fact]
    public async Task A_replica_that_says_nothing_is_not_asked_again_and_the_client_is_told()
    {
        var asked = 0;
        RequestDelegate silent = async context =>
        {
            Interlocked.Increment(ref asked);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        await ServeAsync(silent, silent);

        var answer = await Asker.CallAsync("ModelInfer", GrpcAsker.Digits());

        Assert.Equal(("4", 1), (answer.Status, asked));
        Assert.Equal(1, _route.Counters.Count(ForwardResult.Silent));
    }

    [Fact]
    public async Task The_end_of_a_call_by_its_client_or_by_its_deadline_ends_it_at_the_replica()
    {
        var ended = new SemaphoreSlim(0);
        var began = new SemaphoreSlim(0);
        await ServeAsync(async context =>
        {
            began.Release();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            }
            finally
            {
                ended.Release();
            }
        });
        using var cancel = new CancellationTokenSource();
        var given = Asker.SendAsync(GrpcAsker.Service + "ModelInfer", new ByteArrayContent(GrpcAsker.Frame(GrpcAsker.Digits())), cancel.Token);
        Assert.True(await began.WaitAsync(Patience));

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.True(await ended.WaitAsync(Patience));

        var late = await Asker.CallAsync("ModelInfer", GrpcAsker.Digits(), ("grpc-timeout", "200m"));
        Assert.Equal("4", late.Status);
        Assert.True(await ended.WaitAsync(Patience));
        Assert.Equal(0, _route.Inside);
    }

    [Fact]
    public async Task A_call_that_is_held_leaves_at_its_deadline_and_was_never_sent()
    {
        _route.Update(new RouteState([], MoreComing: true, "its replica is being started"));

        var answer = await Asker.CallAsync("ModelInfer", GrpcAsker.Digits(), ("grpc-timeout", "100m"));

        Assert.Equal("4", answer.Status);
        Assert.Equal((0, 0), (_route.Held, _route.Inside));
    }

    [Fact]
    public async Task An_agent_without_hope_of_a_replica_is_unavailable_with_the_reason_and_a_time_to_come_again()
    {
        _route.Update(new RouteState([], MoreComing: false, "its model is missing"));

        var answer = await Asker.CallAsync("ModelInfer", GrpcAsker.Digits());

        Assert.Equal(("14", "agent 'digits' has no ready replica: its model is missing", "20000"), (answer.Status, answer.Message, answer.Pushback));
    }

    [Fact]
    public async Task A_sleeping_agent_is_ready_without_being_woken_and_the_first_calls_are_held_and_answered()
    {
        var woken = new TaskCompletionSource();
        _route.WakeAsked += woken.SetResult;
        _route.Update(new RouteState([], MoreComing: false, "none is wanted") { WakesOnRequest = true });

        Assert.Equal([8, 1], Assert.Single((await Asker.CallAsync("ModelReady", new List<byte>().Text(1, "digits"))).Messages));
        Assert.Equal([8, 1], Assert.Single((await Asker.CallAsync("ServerReady", [])).Messages));
        Assert.Equal([8, 1], Assert.Single((await CheckAsync("")).Messages));
        Assert.Equal([8, 1], Assert.Single((await CheckAsync("digits")).Messages));
        Assert.False(woken.Task.IsCompleted);

        var asked = Enumerable.Range(0, 3).Select(_ => Asker.CallAsync("ModelInfer", GrpcAsker.Digits())).ToList();
        await woken.Task.WaitAsync(Patience);
        await ServeAsync(GrpcReplicas.Echo());

        Assert.All(await Task.WhenAll(asked), static answer => Assert.Equal("0", answer.Status));
    }

    [Fact]
    public async Task The_endpoint_speaks_for_all_agents_and_its_health_can_be_watched_until_it_stops()
    {
        _route.Update(new RouteState([], MoreComing: true, ""));
        Assert.Equal([8, 2], Assert.Single((await CheckAsync("inference.GRPCInferenceService")).Messages));
        Assert.Equal("5", (await CheckAsync("nobody")).Status);
        Assert.Equal([8, 1], Assert.Single((await Asker.CallAsync("ServerLive", [])).Messages));
        Assert.Contains("inference-operator", Encoding.UTF8.GetString(Assert.Single((await Asker.CallAsync("ServerMetadata", [])).Messages)), StringComparison.Ordinal);

        using var watch = await Asker.BeginAsync("/grpc.health.v1.Health/Watch", new ByteArrayContent(GrpcAsker.Frame([])), CancellationToken.None);
        var told = await watch.Content.ReadAsStreamAsync();
        var state = new byte[7];
        await told.ReadExactlyAsync(state);
        Assert.Equal([0, 0, 0, 0, 2, 8, 2], state);
        await ServeAsync(GrpcReplicas.Echo());
        await told.ReadExactlyAsync(state).AsTask().WaitAsync(Patience);
        Assert.Equal([0, 0, 0, 0, 2, 8, 1], state);

        await Endpoint.StopAsync(CancellationToken.None);
        Assert.Equal(0, await told.ReadAsync(state));
        Assert.Equal("14", watch.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_replica_is_not_retired_before_it_has_answered_and_gets_nothing_new()
    {
        var answer = new TaskCompletionSource();
        var began = new TaskCompletionSource();
        await ServeAsync(async context =>
        {
            await GrpcReplicas.ReadAsync(context);
            began.SetResult();
            await answer.Task;
            await GrpcReplicas.AnswerAsync(context, [8, 1]);
        });
        var leaving = _route.State.Upstreams.Single();
        var inside = Asker.CallAsync("ModelInfer", GrpcAsker.Digits());
        await began.Task.WaitAsync(Patience);

        await ServeAsync(GrpcReplicas.Echo());
        var retired = leaving.RetireAsync();
        Assert.Equal("0", (await Asker.CallAsync("ModelInfer", GrpcAsker.Digits())).Status);
        Assert.False(retired.IsCompleted);
        answer.SetResult();

        Assert.Equal([8, 1], Assert.Single((await inside).Messages));
        await retired.WaitAsync(Patience);
    }

    [Fact]
    public async Task Requests_of_a_stream_go_to_the_agents_that_they_name_and_are_answered_in_their_order()
    {
        var other = new AgentRoute("other", Limits, TimeProvider.System);
        _routes.Add(other);
        await ServeAsync(GrpcReplicas.Echo(field: 1));
        var replica = await FakeReplica.StartAsync(GrpcReplicas.Echo(field: 2));
        _replicas.Add(replica);
        other.Update(new RouteState([replica.AsUpstream("other-1", Limits)], MoreComing: false, ""));
        var requests = Enumerable.Range(0, 200).Select(i => GrpcAsker.Digits(i % 10 == 7 ? "nobody" : i % 2 == 0 ? "digits" : "other", $"id-{i}")).ToList();

        var answer = await Asker.SendAsync(GrpcAsker.Service + "ModelStreamInfer", new ByteArrayContent([.. requests.SelectMany(static r => GrpcAsker.Frame(r))]), CancellationToken.None);

        Assert.Equal("0", answer.Status);
        Assert.Equal(
            requests.Select(static (request, i) => i % 10 == 7
                ? new List<byte>().Text(1, "there is no agent 'nobody'; the agents are: digits, other").Bytes(2, [.. new List<byte>().Text(3, $"id-{i}")]).ToArray()
                : [.. new List<byte>().Bytes(2, [.. new List<byte>().Bytes(i % 2 == 0 ? 1 : 2, [.. request])])]),
            answer.Messages);
    }

    [Fact]
    public async Task An_open_stream_keeps_no_replica_from_being_retired_and_goes_on_with_the_next()
    {
        await ServeAsync(GrpcReplicas.Echo());
        using var requests = new OpenContent();
        requests.Send(GrpcAsker.Frame(GrpcAsker.Digits()));
        using var reply = await Asker.BeginAsync(GrpcAsker.Service + "ModelStreamInfer", requests, CancellationToken.None);
        var answers = await reply.Content.ReadAsStreamAsync();
        var frame = new byte[GrpcFrame.PrefixBytes];
        await answers.ReadExactlyAsync(frame);
        await answers.ReadExactlyAsync(new byte[frame[^1] + (frame[^2] << 8)]);
        var leaving = _route.State.Upstreams.Single();

        await ServeAsync(GrpcReplicas.Echo());
        await leaving.RetireAsync().WaitAsync(Patience);
        requests.Send(GrpcAsker.Frame(GrpcAsker.Digits()));
        await answers.ReadExactlyAsync(frame).AsTask().WaitAsync(Patience);

        Assert.Equal(2, _route.Counters.Count(ForwardResult.Answered));
        requests.End();
    }

    [Fact]
    public async Task A_stream_whose_client_goes_away_with_more_sent_than_is_forwarded_at_a_time_leaves_nothing_behind()
    {
        using var began = new SemaphoreSlim(0);
        await ServeAsync(async context =>
        {
            began.Release();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        using var requests = new OpenContent();
        for (var i = 0; i < 3 * StreamedCalls.InFlightMax; i++)
        {
            requests.Send(GrpcAsker.Frame(GrpcAsker.Digits()));
        }

        using (await Asker.BeginAsync(GrpcAsker.Service + "ModelStreamInfer", requests, CancellationToken.None))
        {
            for (var i = 0; i < StreamedCalls.InFlightMax; i++)
            {
                Assert.True(await began.WaitAsync(Patience));
            }
        }

        // Ends when every call has; with one left it would be cut after thirty seconds.
        await Endpoint.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(0, _route.Inside);
        requests.End();
    }

    private Task<GrpcAnswer> CheckAsync(string service) =>
        Asker.SendAsync("/grpc.health.v1.Health/Check", new ByteArrayContent(GrpcAsker.Frame(new List<byte>().Text(1, service))), CancellationToken.None);

    private async Task ServeAsync(params RequestDelegate[] answers)
    {
        var upstreams = new List<Upstream>();
        foreach (var answer in answers)
        {
            var replica = await FakeReplica.StartAsync(answer);
            _replicas.Add(replica);
            upstreams.Add(replica.AsUpstream($"digits-{upstreams.Count + 1}", Limits));
        }

        _route.Update(new RouteState([.. upstreams], MoreComing: false, ""));
    }
}
