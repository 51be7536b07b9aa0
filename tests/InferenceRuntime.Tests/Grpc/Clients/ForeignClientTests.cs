using InferenceRuntime.Observability;
using InferenceRuntime.Tests.Execution;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Tests.Grpc.Clients;

/// <summary>The gRPC port held against clients that nobody here wrote; the scripts beside this file hold the assertions.</summary>
public sealed class ForeignClientTests
{
    [ForeignClientTheory(ForeignClient.GrpcJs)]
    [InlineData("unary")]
    [InlineData("large")]
    [InlineData("refused")]
    [InlineData("gzip")]
    [InlineData("stream")]
    [InlineData("reflection")]
    public Task Grpc_js_is_served(string scenario) => ServeAsync(ForeignClient.GrpcJs, scenario);

    [ForeignClientTheory(ForeignClient.Python)]
    [InlineData("unary")]
    [InlineData("large")]
    [InlineData("refused")]
    [InlineData("gzip")]
    [InlineData("stream")]
    [InlineData("reflection")]
    public Task Python_is_served(string scenario) => ServeAsync(ForeignClient.Python, scenario);

    [ForeignClientTheory(ForeignClient.GrpcJs)]
    [InlineData("deadline")]
    [InlineData("cancel")]
    public Task What_grpc_js_gives_up_leaves_the_queue(string scenario) => GiveUpAsync(ForeignClient.GrpcJs, scenario);

    [ForeignClientTheory(ForeignClient.Python)]
    [InlineData("deadline")]
    [InlineData("cancel")]
    public Task What_Python_gives_up_leaves_the_queue(string scenario) => GiveUpAsync(ForeignClient.Python, scenario);

    [ForeignClientTheory(ForeignClient.GrpcJs)]
    [InlineData("health")]
    public Task Grpc_js_watches_a_drain(string scenario) => DrainAsync(ForeignClient.GrpcJs, scenario);

    [ForeignClientTheory(ForeignClient.Python)]
    [InlineData("health")]
    public Task Python_watches_a_drain(string scenario) => DrainAsync(ForeignClient.Python, scenario);

    private static async Task ServeAsync(ForeignClient client, string scenario)
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        await using var process = ForeignProcess.Start(client, server.Url, scenario);

        await process.AssertDoneAsync();

        Assert.Equal(0, server.Metrics.InFlight);
        Assert.Equal(0, server.Metrics.Snapshot().Outcomes[(int)RequestOutcome.Failed]);
    }

    /// <summary>The model is busy with another request: the client's waits, is given up, and never runs.</summary>
    private static async Task GiveUpAsync(ForeignClient client, string scenario)
    {
        var instance = new SimulatedInstance(gated: true);
        await using var engine = QueuedEngine.Of(instance);
        await using var server = await GrpcServer.StartAsync(engine);
        using var caller = new GrpcCaller(server.Url);
        var busy = caller.CallAsync("ModelInfer", QueuedEngine.Request(7));
        await instance.RunBegins();
        await using var process = ForeignProcess.Start(client, server.Url, scenario);
        if (scenario == "cancel")
        {
            Assert.Equal("sent", await process.LineAsync());
            while (engine.Statistics.Snapshot(0).Queue.Requests == 0)
            {
                await Task.Yield();
            }

            process.GoOn();
        }

        await process.AssertDoneAsync();
        while (engine.Statistics.Snapshot(0).Queue.Requests > 0)
        {
            await Task.Yield();
        }

        instance.LetThrough(2);
        Assert.Equal(0, (await busy).Code);
        Assert.Equal([1], instance.Runs);
    }

    private static async Task DrainAsync(ForeignClient client, string scenario)
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        await using var process = ForeignProcess.Start(client, server.Url, scenario);
        Assert.Equal("SERVING", await process.LineAsync());

        server.Lifecycle.MoveTo(ReplicaPhase.Leaving);

        Assert.Equal("NOT_SERVING", await process.LineAsync());
        server.Lifecycle.MoveTo(ReplicaPhase.Draining);
        await process.AssertDoneAsync();
    }
}
