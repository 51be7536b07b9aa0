using InferenceRuntime.Core.Serving;
using InferenceRuntime.Load;
using InferenceRuntime.Tests.Grpc;

namespace InferenceRuntime.Tests.Load;

public sealed class GrpcLoadTests
{
    [Fact]
    public async Task A_load_over_gRPC_is_answered_and_counted()
    {
        var (server, engine) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        var facts = await ServedModelFacts.ReadGrpcAsync(server.Url, "echo", CancellationToken.None);
        Assert.Equal(("x", "FP32"), (facts.Input, facts.Datatype));
        Assert.Equal([2], facts.RowShape);
        var options = Options(server.Url, facts);

        var report = await new LoadGenerator(options, TimeProvider.System).RunAsync(progress: null, CancellationToken.None);

        Assert.Equal("grpc", report.Protocol);
        Assert.InRange(report.Total.Answered, 5, long.MaxValue);
        Assert.Equal((report.Total.Due, 0, 0), (report.Total.Answered, report.Total.Lost, report.Total.Wrong));
        Assert.Equal(3, engine.Last!.Rows);
    }

    [Fact]
    public async Task A_refusal_is_counted_by_its_gRPC_status()
    {
        var (server, engine) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        engine.Answer = static _ => new InferenceOutcome.QueueFull(TimeSpan.FromSeconds(1));
        var options = Options(server.Url, new ServedModelFacts("x", "FP32", [2]));

        var report = await new LoadGenerator(options, TimeProvider.System).RunAsync(progress: null, CancellationToken.None);

        Assert.Equal(report.Total.Due, report.Total.Refused["8"]);
    }

    private static LoadOptions Options(Uri server, ServedModelFacts facts) => new()
    {
        Server = server,
        Model = "echo",
        Protocol = LoadProtocol.Grpc,
        Rows = 3,
        Shape = new LoadShape.Closed(4, TimeSpan.FromSeconds(0.3)),
        Requests = [RequestBytes.Build(server, "echo", facts, InputRows.Drawn(facts, 8, seed: 1), first: 0, rows: 3, LoadProtocol.Grpc)],
        WarmUp = TimeSpan.Zero,
        Timeout = TimeSpan.FromSeconds(10),
        Seed = 1,
    };
}
