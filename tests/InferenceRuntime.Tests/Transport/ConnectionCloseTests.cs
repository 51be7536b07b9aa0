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
        await using var server = await EchoServer.StartAsync(engine, new SingleModel(engine), new RestOptions(), o => o with { Age = age });
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1 }) { BaseAddress = server.Url };
        Assert.NotEqual(true, await InferAsync(client));

        clock.Advance(TimeSpan.FromMinutes(4.4));
        Assert.NotEqual(true, await InferAsync(client));
        var gate = new TaskCompletionSource();
        engine.Gate = gate.Task;
        engine.Arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var inFlight = InferAsync(client);
        await engine.Arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromMinutes(1.1));
        gate.SetResult();

        Assert.True(await inFlight);
        Assert.NotEqual(true, await InferAsync(client));
    }

    /// <summary>Whether the reply says that the connection ends.</summary>
    private static async Task<bool?> InferAsync(HttpClient client)
    {
        using var reply = await client.PostAsync(new Uri("/v2/models/echo/infer", UriKind.Relative), new StringContent(Good));
        Assert.Equal(200, (int)reply.StatusCode);
        return reply.Headers.ConnectionClose;
    }
}
