using System.Net;
using System.Net.Http.Headers;
using System.Text;
using InferenceOperator.Local.Endpoint;
using Microsoft.AspNetCore.Http;

namespace InferenceOperator.Tests.Local;

public sealed class EndpointServerTests : IAsyncLifetime
{
    private static readonly EndpointLimits Limits = new() { BodyBytesMax = 4 << 20 };

    private static readonly EndpointLimits Impatient = Limits with { SilenceMax = TimeSpan.FromMilliseconds(200) };

    private readonly RouteTable _routes = new();
    private readonly AgentRoute _route = new("digits", Limits, TimeProvider.System);
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly List<IAsyncDisposable> _servers = [];
    private EndpointServer? _endpoint;

    public async Task InitializeAsync()
    {
        _routes.Add(_route);
        _endpoint = await EndpointServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, 0), _routes, Limits, new NoPages(), TimeProvider.System, CancellationToken.None);
        _client.BaseAddress = _endpoint.Address;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _endpoint!.DisposeAsync();
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Path_body_and_meaningful_headers_reach_the_replica_and_its_reply_comes_back_as_it_is()
    {
        string? seen = null;
        var trace = ("", "");
        await ServeAsync(async context =>
        {
            trace = (context.Request.Headers.TraceParent.ToString(), context.Request.Headers.TraceState.ToString());
            using var reader = new StreamReader(context.Request.Body);
            seen = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers["Inference-Header-Content-Length"]} {await reader.ReadToEndAsync()}";
            context.Response.Headers["Inference-Header-Content-Length"] = "7";
            context.Response.ContentType = "application/octet-stream";
            await context.Response.Body.WriteAsync(new byte[] { 1, 2, 3 });
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/digits/infer?x=%20y") { Content = new StringContent("hello") };
        request.Headers.Add("Inference-Header-Content-Length", "5");
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        request.Headers.Add("tracestate", "vendor=1");

        using var response = await _client.SendAsync(request);

        Assert.Equal(("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "vendor=1"), trace);
        Assert.Equal("POST /v2/models/digits/infer?x=%20y 5 hello", seen);
        Assert.Equal([1, 2, 3], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("7", response.Headers.GetValues("Inference-Header-Content-Length").Single());
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(3 << 20)]
    public async Task Bodies_of_any_size_come_through_both_ways_with_length_and_chunked(int bytes)
    {
        await ServeAsync(async context =>
        {
            using var memory = new MemoryStream();
            await context.Request.Body.CopyToAsync(memory);
            context.Response.ContentLength = context.Request.Headers.ContainsKey("X-Chunked") ? null : memory.Length;
            await context.Response.Body.WriteAsync(memory.ToArray());
            await context.Response.Body.FlushAsync();
        });
        var body = new byte[bytes];
        new Random(7).NextBytes(body);

        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/digits/infer") { Content = new ByteArrayContent(body) };
            request.Headers.TransferEncodingChunked = chunked;
            if (chunked)
            {
                request.Headers.Add("X-Chunked", "1");
            }

            using var response = await _client.SendAsync(request);

            Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_request_whose_replica_breaks_the_connection_is_answered_by_another()
    {
        var broken = 0;
        await ServeAsync(
            context =>
            {
                Interlocked.Increment(ref broken);
                context.Abort();
                return Task.CompletedTask;
            },
            context => context.Response.WriteAsync("good"));

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("good", await PostAsync());
        }

        Assert.Equal(1, Volatile.Read(ref broken));
        Assert.Equal(1, _route.Counters.TriedAgain);
        Assert.Equal(4, _route.Counters.Count(ForwardResult.Answered));
    }

    [Fact]
    public async Task A_replica_that_is_gone_loses_no_request()
    {
        var gone = await FakeReplica.StartAsync(context => context.Response.WriteAsync("gone"));
        var stays = await FakeReplica.StartAsync(context => context.Response.WriteAsync("stays"));
        _servers.Add(stays);
        Point(gone.AsUpstream("gone", Limits), stays.AsUpstream("stays", Limits));
        Assert.Equal(["gone", "stays"], new[] { await PostAsync(), await PostAsync() }.Order());

        await gone.DisposeAsync();

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("stays", await PostAsync());
        }
    }

    [Fact]
    public async Task A_reply_cut_short_before_the_client_saw_any_of_it_is_asked_for_elsewhere()
    {
        await ServeAsync(
            async context =>
            {
                context.Response.ContentLength = 100;
                await context.Response.WriteAsync("half");
                await context.Response.Body.FlushAsync();
                context.Abort();
            },
            context => context.Response.WriteAsync("whole"));

        Assert.Equal("whole", await PostAsync());
        Assert.Equal("whole", await PostAsync());
    }

    [Fact]
    public async Task A_request_that_breaks_two_replicas_is_not_tried_a_third_time()
    {
        var tries = 0;
        RequestDelegate breaks = context =>
        {
            Interlocked.Increment(ref tries);
            context.Abort();
            return Task.CompletedTask;
        };
        await ServeAsync(breaks, breaks, breaks);

        using var response = await _client.PostAsync("/v2/models/digits/infer", new StringContent("x"));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task A_replica_that_refuses_new_work_sends_the_request_to_another()
    {
        await ServeAsync(
            context =>
            {
                context.Response.StatusCode = 503;
                return context.Response.WriteAsync("draining");
            },
            context => context.Response.WriteAsync("good"));

        Assert.Equal("good", await PostAsync());
        Assert.Equal("good", await PostAsync());
    }

    [Fact]
    public async Task The_replicas_own_refusals_are_passed_on()
    {
        await ServeAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3";
            return context.Response.WriteAsync("""{"error":"queue full"}""");
        });

        using var response = await _client.PostAsync("/v2/models/digits/infer", new StringContent("x"));

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(RetryConditionHeaderValue.Parse("3"), response.Headers.RetryAfter);
        Assert.Equal("""{"error":"queue full"}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_refused_and_the_endpoint_goes_on(bool chunked)
    {
        await ServeAsync(context => context.Response.WriteAsync("good"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/digits/infer") { Content = new ByteArrayContent(new byte[Limits.BodyBytesMax + 1]) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;

        using var response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("good", await PostAsync());
    }

    [Fact]
    public async Task An_agent_without_a_replica_refuses_with_the_reason_and_a_time_to_come_again()
    {
        _route.Update(new RouteState([], MoreComing: false, "its model has the wrong sha256"));

        using var response = await _client.PostAsync("/v2/models/digits/infer", new StringContent("x"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("wrong sha256", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_agent_is_answered_with_the_names_of_those_there_are()
    {
        using var response = await _client.PostAsync("/v2/models/other/infer", new StringContent("x"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("digits", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_ready_when_every_agent_has_a_replica()
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _client.GetAsync("/v2/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/v2/health/live")).StatusCode);

        await ServeAsync(context => context.Response.WriteAsync("good"));

        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/v2/health/ready")).StatusCode);
    }

    [Fact]
    public async Task A_replica_that_says_nothing_does_not_hold_a_request_for_ever_and_the_request_goes_to_no_other()
    {
        var asked = 0;
        var end = new TaskCompletionSource();
        RequestDelegate silent = context =>
        {
            Interlocked.Increment(ref asked);
            return end.Task;
        };
        await ServeAsync(Impatient, silent, silent);

        using var response = await _client.PostAsync("/v2/models/digits/infer", new StringContent("x"));

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Contains("has said nothing for", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, asked);
        Assert.Equal(1, _route.Counters.Count(ForwardResult.Silent));
        end.SetResult();
    }

    [Fact]
    public async Task A_replica_that_falls_silent_in_the_middle_of_a_reply_cuts_the_clients_connection()
    {
        var end = new TaskCompletionSource();
        await ServeAsync(Impatient, async context =>
        {
            context.Response.ContentLength = 1 << 20;
            await context.Response.Body.WriteAsync(new byte[100_000]);
            await context.Response.Body.FlushAsync();
            await end.Task;
        });

        await Assert.ThrowsAsync<HttpRequestException>(() => _client.PostAsync("/v2/models/digits/infer", new StringContent("x")));

        Assert.Equal(1, _route.Counters.Count(ForwardResult.CutShort));
        end.SetResult();
    }

    [Fact]
    public async Task A_sleeping_agent_is_ready_without_being_woken_and_the_first_request_is_held_and_answered()
    {
        var woken = new TaskCompletionSource();
        _route.WakeAsked += woken.SetResult;
        _route.Update(new RouteState([], MoreComing: false, "none is wanted") { WakesOnRequest = true });

        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/v2/models/digits/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/v2/health/ready")).StatusCode);
        Assert.False(woken.Task.IsCompleted);

        var asked = Enumerable.Range(0, 3).Select(_ => PostAsync()).ToList();
        await woken.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await ServeAsync(context => context.Response.WriteAsync("good"));

        Assert.All(await Task.WhenAll(asked), static answer => Assert.Equal("good", answer));
    }

    private Task ServeAsync(params RequestDelegate[] answers) => ServeAsync(Limits, answers);

    private async Task ServeAsync(EndpointLimits limits, params RequestDelegate[] answers)
    {
        var upstreams = new List<Upstream>();
        foreach (var answer in answers)
        {
            var replica = await FakeReplica.StartAsync(answer);
            _servers.Add(replica);
            upstreams.Add(replica.AsUpstream($"digits-{upstreams.Count + 1}", limits));
        }

        Point([.. upstreams]);
    }

    private void Point(params Upstream[] upstreams) => _route.Update(new RouteState([.. upstreams], MoreComing: false, ""));

    private async Task<string> PostAsync()
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("x"));
        using var response = await _client.PostAsync("/v2/models/digits/infer", content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
