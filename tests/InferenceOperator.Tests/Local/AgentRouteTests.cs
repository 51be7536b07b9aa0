using System.Net;
using InferenceOperator.Local.Endpoint;
using InferenceOperator.Local.Endpoint.Grpc;

namespace InferenceOperator.Tests.Local;

public sealed class AgentRouteTests
{
    private static readonly EndpointLimits Limits = new() { HoldRequestsMax = 4, HoldBytesMax = 100 };
    private static readonly IPEndPoint Nowhere = new(IPAddress.Loopback, 1);

    private readonly SimulatedClock _clock = new();
    private readonly AgentRoute _route;

    public AgentRouteTests() => _route = new AgentRoute("digits", Limits, _clock);

    [Fact]
    public async Task The_replica_with_the_fewest_outstanding_requests_gets_the_next()
    {
        var (a, b) = (Replica("a"), Replica("b"));
        Point(a, b);
        var first = await AcquireAsync();
        var second = await AcquireAsync();
        Assert.NotEqual(first, second);

        first!.Release();

        Assert.Equal(first, await AcquireAsync());
        Assert.Equal((1, 1), (a.Outstanding, b.Outstanding));
    }

    [Fact]
    public async Task Ties_go_round()
    {
        Point(Replica("a"), Replica("b"), Replica("c"));
        var names = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var upstream = await AcquireAsync();
            names.Add(upstream!.Name);
            upstream.Release();
        }

        Assert.Equal(["a", "b", "c"], names.Take(3).Order());
        Assert.Equal(names.Take(3), names.Skip(3));
    }

    [Fact]
    public async Task A_replica_that_broke_a_connection_gets_nothing_for_a_while()
    {
        var (a, b) = (Replica("a"), Replica("b"));
        Point(a, b);
        a.TakeOut();

        Assert.Equal(b, await AcquireAsync());
        Assert.Equal(b, await AcquireAsync());
        _clock.Advance(Limits.TakenOutFor);
        Assert.Equal(a, await AcquireAsync());
    }

    [Fact]
    public async Task A_failed_replica_is_avoided_by_the_same_request_and_used_when_it_is_the_only_one()
    {
        var (a, b) = (Replica("a"), Replica("b"));
        Point(a, b);
        Assert.Equal(b, await _route.AcquireAsync(a, bytes: 1, CancellationToken.None));

        Point(a);
        Assert.Equal(a, await _route.AcquireAsync(a, bytes: 1, CancellationToken.None));
    }

    [Fact]
    public async Task A_request_waits_for_a_replica_that_is_starting()
    {
        var held = AcquireAsync();
        Assert.False(held.IsCompleted);
        Assert.Equal(1, _route.Held);

        var a = Replica("a");
        Point(a);

        Assert.Equal(a, await held);
        Assert.Equal(0, _route.Held);
    }

    [Fact]
    public async Task A_request_waits_no_longer_than_the_limit()
    {
        var held = AcquireAsync();

        _clock.Advance(Limits.HoldTimeMax + TimeSpan.FromSeconds(1));

        Assert.Null(await held);
    }

    [Fact]
    public async Task Beyond_the_limit_no_request_waits()
    {
        var held = new[] { AcquireAsync(), AcquireAsync(), AcquireAsync(), AcquireAsync() };

        Assert.Null(await AcquireAsync());

        Point(Replica("a"));
        Assert.All(await Task.WhenAll(held), Assert.NotNull);
    }

    [Fact]
    public async Task Beyond_the_bytes_that_may_be_held_no_request_waits()
    {
        var held = AcquireAsync(bytes: 60);

        Assert.Null(await AcquireAsync(bytes: 41));

        Assert.False(held.IsCompleted);
        Assert.Equal(1, _route.Held);
        _ = AcquireAsync(bytes: 40);
        Assert.Equal(2, _route.Held);
    }

    [Fact]
    public async Task Waiting_requests_are_given_to_replicas_in_the_order_in_which_they_came()
    {
        var held = new[] { AcquireAsync(), AcquireAsync(), AcquireAsync(), AcquireAsync() };
        var (a, b, c, d) = (Replica("a"), Replica("b"), Replica("c"), Replica("d"));

        // Replicas come one by one and take one request each, as the route goes round: the order of the replicas is the order of the requests.
        Point(a, b, c, d);

        var order = (await Task.WhenAll(held)).Select(upstream => upstream!.Name).ToList();
        Assert.Equal(["a", "b", "c", "d"], order.Order());
        var first = order.IndexOf("a");
        Assert.Equal(["a", "b", "c", "d"], Enumerable.Range(first, 4).Select(i => order[i % 4]));
    }

    [Fact]
    public async Task A_request_whose_client_goes_leaves_the_line_and_takes_no_replica()
    {
        using var gone = new CancellationTokenSource();
        var leaves = AcquireAsync(cancellationToken: gone.Token);
        var stays = AcquireAsync();

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        Assert.Equal(1, _route.Held);
        var a = Replica("a");
        Point(a);

        Assert.Equal(a, await stays);
        Assert.Equal(1, a.Outstanding);
    }

    [Fact]
    public async Task Requests_that_come_together_wake_a_sleeping_agent_once_and_again_after_it_slept_again()
    {
        var wakes = 0;
        _route.WakeAsked += () => wakes++;
        Sleep();
        Assert.True(_route.State.IsAsleep);

        var held = new[] { AcquireAsync(), AcquireAsync(), AcquireAsync() };
        Assert.Equal(1, wakes);

        _route.Update(new RouteState([], MoreComing: true, "starting") { WakesOnRequest = true });
        Point(Replica("a"));
        Assert.All(await Task.WhenAll(held), Assert.NotNull);
        Assert.Equal(1, wakes);

        Sleep();
        _ = AcquireAsync();
        Assert.Equal(2, wakes);
    }

    [Fact]
    public async Task A_request_waits_for_an_agent_that_wakes_as_long_as_a_wake_may_take()
    {
        Sleep();
        var held = AcquireAsync();

        _clock.Advance(Limits.HoldTimeMax * 2);
        Assert.False(held.IsCompleted);
        _clock.Advance(Limits.WakeTimeMax);

        Assert.Null(await held);
        Assert.Equal(0, _route.Held);
    }

    [Fact]
    public async Task Requests_that_wait_are_let_go_when_nothing_is_coming_any_more()
    {
        var held = AcquireAsync();

        _route.Update(new RouteState([], MoreComing: false, "its model is missing"));

        Assert.Null(await held);
    }

    [Fact]
    public async Task A_request_does_not_wait_when_no_replica_is_coming()
    {
        _route.Update(new RouteState([], MoreComing: false, "its model is missing"));

        Assert.Null(await AcquireAsync());
    }

    [Fact]
    public async Task The_only_replica_is_tried_again_as_soon_as_its_time_out_is_over()
    {
        var a = Replica("a");
        Point(a);
        a.TakeOut();
        var held = AcquireAsync();
        Assert.False(held.IsCompleted);

        _clock.Advance(Limits.TakenOutFor + TimeSpan.FromMilliseconds(10));

        Assert.Equal(a, await held);
    }

    [Fact]
    public async Task A_retired_replica_lets_nobody_in_and_waits_for_those_inside()
    {
        var a = Replica("a");
        Assert.True(a.TryAcquire());

        var retired = a.RetireAsync();

        Assert.False(a.TryAcquire());
        Assert.False(retired.IsCompleted);
        a.Release();
        await retired;
    }

    private void Sleep() => _route.Update(new RouteState([], MoreComing: false, "none is wanted") { WakesOnRequest = true });

    private Upstream Replica(string name) => new(name, Nowhere, new GrpcChannel(Nowhere), Limits, _clock);

    private void Point(params Upstream[] upstreams) => _route.Update(new RouteState([.. upstreams], MoreComing: false, ""));

    private Task<Upstream?> AcquireAsync(long bytes = 1, CancellationToken cancellationToken = default) => _route.AcquireAsync(except: null, bytes, cancellationToken).AsTask();
}
