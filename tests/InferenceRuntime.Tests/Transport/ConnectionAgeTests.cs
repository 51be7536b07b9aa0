using InferenceRuntime.Tests.Execution;
using InferenceRuntime.Tests.Grpc;
using InferenceRuntime.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace InferenceRuntime.Tests.Transport;

public sealed class ConnectionAgeTests
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(5);

    private readonly SimulatedClock _clock = new();

    [Fact]
    public void Connections_are_asked_once_each_at_ages_spread_round_the_mean()
    {
        var age = new ConnectionAge(Age, _clock);
        var connections = Enumerable.Range(0, 40).Select(_ => new FakeConnection(age)).ToList();

        _clock.Advance(Age * (1 - ConnectionAge.Spread) - TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(connections, static c => c.Asked > 0);
        _clock.Advance(Age * ConnectionAge.Spread + TimeSpan.FromSeconds(1));
        Assert.InRange(connections.Count(static c => c.Asked > 0), 15, 25);
        _clock.Advance(Age);

        Assert.All(connections, static c => Assert.Equal(1, c.Asked));
    }

    [Fact]
    public void An_age_of_zero_asks_nobody()
    {
        var connection = new FakeConnection(new ConnectionAge(TimeSpan.Zero, _clock));

        _clock.Advance(TimeSpan.FromDays(30));

        Assert.Equal(0, connection.Asked);
    }

    [Fact]
    public void When_the_replica_leaves_everyone_is_asked_and_newcomers_soon_after()
    {
        var age = new ConnectionAge(TimeSpan.Zero, _clock);
        var connection = new FakeConnection(age);

        age.SendAllAway();
        var newcomer = new FakeConnection(age);

        Assert.Equal((1, 0), (connection.Asked, newcomer.Asked));
        _clock.Advance(ConnectionAge.LeavingAge);
        Assert.Equal(1, newcomer.Asked);
    }

    [Fact]
    public async Task A_connection_that_closed_is_forgotten()
    {
        var age = new ConnectionAge(Age, _clock);
        var connection = new FakeConnection(age);
        Assert.Equal(1, age.Open);

        await connection.CloseAsync();

        Assert.Equal(0, age.Open);
        _clock.Advance(2 * Age);
        Assert.Equal(0, connection.Asked);
    }

    [Fact]
    public async Task A_call_in_flight_survives_that_its_connection_is_asked_to_go()
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = QueuedEngine.Of(instance);
        await using var server = await GrpcServer.StartAsync(engine);
        using var caller = new GrpcCaller(server.Url);
        var pending = caller.CallAsync("ModelInfer", QueuedEngine.Request(7));
        await instance.RunBegins();
        Assert.Equal(1, server.Age.Open);

        server.Age.SendAllAway();
        instance.LetThrough(2);

        Assert.Equal([7], (await pending).Reply(InferenceRuntime.Grpc.Messages.ModelInferResponse.Parser).RawOutputContents[0].ToByteArray());
        while (server.Age.Open > 0)
        {
            // The connection closes when its last call has ended.
            await Task.Yield();
        }

        Assert.Equal(0, (await caller.CallAsync("ModelInfer", QueuedEngine.Request(8))).Code);
    }

    /// <summary>A connection that counts how often it is asked to go, and stays open until it is closed.</summary>
    private sealed class FakeConnection : DefaultConnectionContext, IConnectionLifetimeNotificationFeature
    {
        private readonly TaskCompletionSource _closed = new();
        private readonly Task _served;

        public FakeConnection(ConnectionAge age)
        {
            Features.Set<IConnectionLifetimeNotificationFeature>(this);
            _served = age.Watch(_ => _closed.Task)(this);
        }

        public int Asked { get; private set; }

        public CancellationToken ConnectionClosedRequested { get; set; }

        public void RequestClose() => Asked++;

        public Task CloseAsync()
        {
            _closed.SetResult();
            return _served;
        }
    }
}
