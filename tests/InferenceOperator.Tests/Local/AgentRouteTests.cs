using System.Net;
using InferenceOperator.Local.Endpoint;

namespace InferenceOperator.Tests.Local;

public sealed class AgentRouteTests
{
    private static readonly EndpointLimits Limits = new() { HoldRequestsMax = 2 };

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
        Assert.Equal(b, await _route.AcquireAsync(a, CancellationToken.None));

        Point(a);
        Assert.Equal(a, await _route.AcquireAsync(a, CancellationToken.None));
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
        var held = new[] { AcquireAsync(), AcquireAsync() };

        Assert.Null(await AcquireAsync());

        Point(Replica("a"));
        Assert.All(await Task.WhenAll(held), Assert.NotNull);
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

    private Upstream Replica(string name) => new(name, new IPEndPoint(IPAddress.Loopback, 1), Limits, _clock);

    private void Point(params Upstream[] upstreams) => _route.Update(new RouteState([.. upstreams], MoreComing: false, ""));

    private Task<Upstream?> AcquireAsync() => _route.AcquireAsync(except: null, CancellationToken.None).AsTask();
}
