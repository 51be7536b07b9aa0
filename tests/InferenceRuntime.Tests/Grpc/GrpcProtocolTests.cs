using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Observability;
using InferenceRuntime.Tests.Transport;
using Requested = InferenceRuntime.Grpc.Messages.ModelInferRequest.Types.InferRequestedOutputTensor;

namespace InferenceRuntime.Tests.Grpc;

public sealed class GrpcProtocolTests
{
    [Fact]
    public async Task An_inference_is_answered_in_raw_form_with_its_id()
    {
        var (server, engine) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var _ = server;
        using var caller = new GrpcCaller(server.Url);
        var request = Requests.Pair(1, 2, 3, 4);
        request.Id = "a-1";
        request.Parameters["timeout"] = new InferParameter { Int64Param = 5_000_000 };
        request.Parameters["priority"] = new InferParameter { Uint64Param = 2 };

        var reply = (await caller.CallAsync("ModelInfer", request)).Reply(ModelInferResponse.Parser);

        Assert.Equal(("echo", "1", "a-1"), (reply.ModelName, reply.ModelVersion, reply.Id));
        var output = Assert.Single(reply.Outputs);
        Assert.Equal(("x_out", "FP32"), (output.Name, output.Datatype));
        Assert.Equal([2, 2], output.Shape);
        Assert.Null(output.Contents);
        Assert.Equal(request.RawInputContents, reply.RawOutputContents);
        Assert.Equal(2UL, engine.Last!.Priority);
        Assert.Equal(2, engine.Last.Rows);
        Assert.InRange(engine.Last.DeadlineAt, 0, long.MaxValue - 1);
        Assert.Equal(1, engine.Releases);
        Assert.Equal(1, server.Metrics.Snapshot().Outcomes[(int)RequestOutcome.Answered]);
    }

    [Fact]
    public async Task Only_the_outputs_that_are_asked_for_are_answered()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(EchoEngine.Model(batched: true, ("a", Datatype.Int8, [-1]), ("b", Datatype.Int8, [-1])));
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        var request = Requests.Raw(("b", "INT8", [1], [7]), ("a", "INT8", [1], [9]));
        request.Outputs.Add(new Requested { Name = "a_out" });

        var reply = (await caller.CallAsync("ModelInfer", request)).Reply(ModelInferResponse.Parser);

        Assert.Equal("a_out", Assert.Single(reply.Outputs).Name);
        Assert.Equal([9], Assert.Single(reply.RawOutputContents).ToByteArray());
    }

    public static TheoryData<string, int> Outcomes => new()
    {
        { "full", 8 }, { "expired", 4 }, { "draining", 14 }, { "refused", 3 }, { "failed", 13 },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task Every_outcome_has_its_status(string outcome, int code)
    {
        var (server, engine) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        engine.Answer = _ => outcome switch
        {
            "full" => new InferenceOutcome.QueueFull(TimeSpan.FromMilliseconds(12.3)),
            "expired" => new InferenceOutcome.Expired(),
            "draining" => new InferenceOutcome.Draining(),
            "refused" => new InferenceOutcome.Refused("50% of the élan"),
            _ => new InferenceOutcome.Failed(),
        };

        var result = await caller.CallAsync("ModelInfer", Requests.Pair(1, 2));

        Assert.Equal((200, code), (result.HttpStatus, result.Code));
        Assert.True(result.IsTrailersOnly);
        Assert.Empty(result.Messages);
        Assert.Equal(outcome == "full" ? "13" : "", result.Pushback);
        Assert.Equal(outcome == "refused" ? "50%25 of the %C3%A9lan" : result.Message, result.Message);
        Assert.DoesNotContain("Exception", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_breaks_inside_is_not_told()
    {
        var (server, engine) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        engine.Answer = static _ => throw new InvalidOperationException("/secret/path");

        var result = await caller.CallAsync("ModelInfer", Requests.Pair(1, 2));

        Assert.Equal((13, "the server failed on this call"), (result.Code, result.Message));
        Assert.Equal(0, server.Metrics.InFlight);
    }

    public static TheoryData<string, int, string> Calls => new()
    {
        { "/inference.GRPCInferenceService/Nothing", 12, "method" },
        { "/inference.GRPCInferenceService/SystemSharedMemoryStatus", 12, "method" },
        { "/no.Service/ServerLive", 12, "method" },
        { "/", 12, "method" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task An_unknown_method_is_unimplemented(string path, int code, string names)
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.SendAsync(path, GrpcCaller.Frame([]));

        Assert.Equal((200, code), (result.HttpStatus, result.Code));
        Assert.Contains(names, result.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, int> Heads => new()
    {
        { "grpc-timeout", "1", 3 },
        { "grpc-timeout", "m", 3 },
        { "grpc-timeout", "123456789m", 3 },
        { "grpc-timeout", "-1m", 3 },
        { "grpc-timeout", "1x", 3 },
        { "grpc-timeout", "0n", 4 },
        { "grpc-timeout", "99999999H", 0 },
        { "grpc-encoding", "identity", 0 },
        { "grpc-encoding", "deflate", 12 },
        { "grpc-encoding", "br", 12 },
    };

    [Theory]
    [MemberData(nameof(Heads))]
    public async Task The_headers_of_a_call_are_checked(string name, string value, int code)
    {
        // A real queue: it is the one who knows that a deadline has passed.
        await using var engine = QueuedEngine.Of(new Execution.SimulatedInstance());
        await using var server = await GrpcServer.StartAsync(engine);
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.CallAsync("ModelInfer", QueuedEngine.Request(1), (name, value));

        Assert.Equal((200, code), (result.HttpStatus, result.Code));
    }

    [Theory]
    [InlineData("application/json", 415)]
    [InlineData("application/grpc-web", 415)]
    [InlineData("application/grpc+json", 415)]
    [InlineData("application/grpc+proto", 200)]
    [InlineData("application/grpc;charset=utf-8", 200)]
    public async Task Another_content_type_is_refused(string type, int status)
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        Assert.Equal(status, (await caller.CallAsync("ServerLive", new ServerLiveRequest(), ("content-type", type))).HttpStatus);
    }

    [Fact]
    public async Task A_request_whose_version_was_replaced_before_it_could_enter_is_answered_by_the_next()
    {
        var repository = new FakeRepository();
        var replaced = new EchoEngine(Requests.Pairs)
        {
            Answer = _ =>
            {
                repository.Add("echo", 1, new EchoEngine(Requests.Pairs));
                return new InferenceOutcome.Draining();
            },
        };
        repository.Add("echo", 1, replaced);
        await using var server = await GrpcServer.StartAsync(repository);
        using var caller = new GrpcCaller(server.Url);

        Assert.Equal(0, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);

        replaced.Answer = static _ => new InferenceOutcome.Draining();
        repository.Add("echo", 1, replaced);
        Assert.Equal(14, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);
    }
}
