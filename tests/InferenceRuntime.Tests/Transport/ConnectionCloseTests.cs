using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Tests.Transport;

public sealed class ConnectionCloseTests
{
    private const string Good = """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}""";

    [Fact]
    public async Task The_first_reply_after_the_maximum_age_ends_the_connection_and_loses_nothing()
    {
        var clock = new SimulatedClock();
        var engine = new EchoEngine(EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1])));
        var age = new ConnectionAge(TimeSpan.FromMinutes(5), clock);
        await using var server = await EchoServer.StartAsync(engine, new SingleModel(engine), new RestOptions { Age = age }, clock: clock);
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = server.Url };
        Assert.NotEqual(true, await InferAsync(client));

        clock.Advance(TimeSpan.FromMinutes(4.4));
        Assert.NotEqual(true, await InferAsync(client));
        clock.Advance(TimeSpan.FromMinutes(1.2));

        Assert.True(await InferAsync(client));
        Assert.NotEqual(true, await InferAsync(client));
    }

    [Fact]
    public void Connections_that_came_together_do_not_end_together()
    {
        var clock = new SimulatedClock();
        var age = new ConnectionAge(TimeSpan.FromMinutes(5), clock);
        var now = clock.GetTimestamp();

        var ages = Enumerable.Range(0, 100).Select(_ => clock.GetElapsedTime(now, age.EndOf(now)).TotalMinutes).ToList();

        Assert.All(ages, static minutes => Assert.InRange(minutes, 4.5, 5.5));
        Assert.Equal(10, ages.GroupBy(static minutes => (int)((minutes - 4.5) * 10)).Count());
        Assert.Equal(long.MaxValue, new ConnectionAge(TimeSpan.Zero, clock).EndOf(now));
    }

    /// <summary>Whether the reply says that the connection ends.</summary>
    private static async Task<bool?> InferAsync(HttpClient client)
    {
        using var reply = await client.PostAsync(new Uri("/v2/models/echo/infer", UriKind.Relative), new StringContent(Good));
        Assert.Equal(200, (int)reply.StatusCode);
        return reply.Headers.ConnectionClose;
    }
}
