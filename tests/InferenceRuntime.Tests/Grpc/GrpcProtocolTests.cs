using System.IO.Compression;
using Google.Protobuf;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Grpc.Messages.Health;
using InferenceRuntime.Grpc.Messages.Reflection;
using InferenceRuntime.Observability;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;
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
    public async Task Messages_are_taken_and_given_compressed()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        var request = Requests.Pair([.. Enumerable.Repeat(0.5f, 20_000)]);
        var body = GrpcCaller.Frame(Compress(request.ToByteArray()), flag: 1);

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", body, ("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity, gzip"));

        Assert.Equal("0", result.Status);
        var (flag, message) = Assert.Single(result.Messages);
        Assert.Equal(1, flag);
        Assert.InRange(message.Length, 1, 10_000);
        Assert.Equal(request.RawInputContents, ModelInferResponse.Parser.ParseFrom(Decompress(message)).RawOutputContents);

        var plain = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", body, ("grpc-encoding", "gzip"));
        Assert.Equal(request.RawInputContents, plain.Reply(ModelInferResponse.Parser).RawOutputContents);
        Assert.Equal(0, plain.Messages[0].Flag);
    }

    [Fact]
    public async Task A_compressed_message_may_not_grow_beyond_the_limit()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        var bomb = Compress(new byte[GrpcServer.MessageBytesMax + 1]);
        Assert.InRange(bomb.Length, 1, 1 << 20);

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", GrpcCaller.Frame(bomb, flag: 1), ("grpc-encoding", "gzip"));

        Assert.Equal((8, ""), (result.Code, result.Pushback));
        Assert.Contains("longer", result.Message, StringComparison.Ordinal);
    }

    public static TheoryData<byte[], int, string> Bodies => new()
    {
        { [], 12, "one message" },
        { [0], 3, "within" },
        { [0, 0, 0, 0, 9, 1], 3, "within" },
        { [2, 0, 0, 0, 0], 3, "begins with 2" },
        { [1, 0, 0, 0, 0], 3, "grpc-encoding" },
        { [0, 0xFF, 0xFF, 0xFF, 0xFF], 8, "longer" },
        { [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 12, "one message" },
        { [0, 0, 0, 0, 1, 0xFF], 3, "not a ModelInferRequest" },
        { [0, 0, 0, 0, 0], 5, "no model ''" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_is_not_one_message_is_refused(byte[] body, int code, string names)
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", body);

        Assert.Equal(code, result.Code);
        Assert.Contains(names, result.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);
    }

    [Fact]
    public async Task Without_room_for_messages_the_client_is_told_when_to_come_again()
    {
        await using var server = await GrpcServer.StartAsync(new EchoEngine(Requests.Pairs), budget: 1000);
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.CallAsync("ModelInfer", Requests.Pair(new float[400]));

        Assert.Equal((8, "1000"), (result.Code, result.Pushback));
        Assert.Equal(0, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);
    }

    [Fact]
    public async Task The_server_and_its_model_describe_themselves()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2]), ("s", Datatype.Bytes, [-1])));
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        Assert.True((await caller.CallAsync("ServerLive", new ServerLiveRequest())).Reply(ServerLiveResponse.Parser).Live);
        Assert.True((await caller.CallAsync("ServerReady", new ServerReadyRequest())).Reply(ServerReadyResponse.Parser).Ready);
        Assert.True((await caller.CallAsync("ModelReady", new ModelReadyRequest { Name = "echo", Version = "1" })).Reply(ModelReadyResponse.Parser).Ready);
        Assert.False((await caller.CallAsync("ModelReady", new ModelReadyRequest { Name = "echo", Version = "2" })).Reply(ModelReadyResponse.Parser).Ready);
        Assert.Equal(
            ["model_configuration", "schedule_policy", "statistics", "model_repository"],
            (await caller.CallAsync("ServerMetadata", new ServerMetadataRequest())).Reply(ServerMetadataResponse.Parser).Extensions);

        var metadata = (await caller.CallAsync("ModelMetadata", new ModelMetadataRequest { Name = "echo" })).Reply(ModelMetadataResponse.Parser);
        Assert.Equal(["1"], metadata.Versions);
        Assert.Equal(("test_echo", "s", "BYTES"), (metadata.Platform, metadata.Inputs[1].Name, metadata.Inputs[1].Datatype));
        Assert.Equal([-1, 2], metadata.Outputs[0].Shape);

        var config = (await caller.CallAsync("ModelConfig", new ModelConfigRequest { Name = "echo" })).Reply(ModelConfigResponse.Parser).Config;
        Assert.Equal((32, DataType.TypeString), (config.MaxBatchSize, config.Output[1].DataType));
        Assert.Equal([2], config.Input[0].Dims);
        Assert.Equal(5, (await caller.CallAsync("ModelMetadata", new ModelMetadataRequest { Name = "other" })).Code);
        Assert.Equal(5, (await caller.CallAsync("ModelConfig", new ModelConfigRequest { Name = "echo", Version = "9" })).Code);
    }

    [Fact]
    public async Task Statistics_count_what_was_answered()
    {
        await using var engine = QueuedEngine.Of(new Execution.SimulatedInstance());
        await using var server = await GrpcServer.StartAsync(engine);
        using var caller = new GrpcCaller(server.Url);
        Assert.Equal(0, (await caller.CallAsync("ModelInfer", QueuedEngine.Request(1, 2, 3))).Code);

        var all = (await caller.CallAsync("ModelStatistics", new ModelStatisticsRequest())).Reply(ModelStatisticsResponse.Parser);
        var one = (await caller.CallAsync("ModelStatistics", new ModelStatisticsRequest { Name = "echo" })).Reply(ModelStatisticsResponse.Parser);

        Assert.Equal(one, all);
        var stats = Assert.Single(one.ModelStats);
        Assert.Equal((3UL, 1UL, 1UL), (stats.InferenceCount, stats.ExecutionCount, stats.InferenceStats.Success.Count));
        Assert.True(stats.InferenceStats.Success.Ns >= stats.InferenceStats.ComputeInfer.Ns);
        Assert.Equal((3UL, 1UL), (Assert.Single(stats.BatchStats).BatchSize, stats.BatchStats[0].ComputeInfer.Count));
        Assert.True(stats.LastInference > 0);
        Assert.Equal((1UL, 0UL), (stats.InferenceStats.ComputeInput.Count, stats.InferenceStats.Fail.Count));
    }

    [Fact]
    public async Task The_response_cache_is_told_of()
    {
        await using var engine = QueuedEngine.Of(new Execution.SimulatedInstance());
        var cached = new CachingEngine(engine, new byte[KeyedHash.SecretBytes], TimeProvider.System);
        cached.Apply(new RuntimeSettings { Cache = new CacheSettings { Policy = CachePolicy.LRU } });
        await using var server = await GrpcServer.StartAsync(cached);
        using var caller = new GrpcCaller(server.Url);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, (await caller.CallAsync("ModelInfer", QueuedEngine.Request(1, 2, 3))).Code);
        }

        Assert.True((await caller.CallAsync("ModelConfig", new ModelConfigRequest { Name = "echo" })).Reply(ModelConfigResponse.Parser).Config.ResponseCache.Enable);
        var statistics = (await caller.CallAsync("ModelStatistics", new ModelStatisticsRequest())).Reply(ModelStatisticsResponse.Parser).ModelStats[0].InferenceStats;
        Assert.Equal((2UL, 1UL), (statistics.CacheHit.Count, statistics.CacheMiss.Count));
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

    [Fact]
    public async Task A_repository_that_is_fixed_lists_its_model_and_changes_nothing()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        var index = (await caller.CallAsync("RepositoryIndex", new RepositoryIndexRequest { Ready = true })).Reply(RepositoryIndexResponse.Parser);

        Assert.Equal(("echo", "1", "READY", ""), (index.Models[0].Name, index.Models[0].Version, index.Models[0].State, index.Models[0].Reason));
        Assert.Equal(9, (await caller.CallAsync("RepositoryModelLoad", new RepositoryModelLoadRequest { ModelName = "echo" })).Code);
        Assert.Equal(9, (await caller.CallAsync("RepositoryModelUnload", new RepositoryModelUnloadRequest { ModelName = "echo" })).Code);
        Assert.Equal(5, (await caller.CallAsync("RepositoryModelUnload", new RepositoryModelUnloadRequest { ModelName = "other" })).Code);
        var config = new RepositoryModelLoadRequest { ModelName = "echo", Parameters = { ["config"] = new ModelRepositoryParameter { StringParam = "{}" } } };
        Assert.Equal(3, (await caller.CallAsync("RepositoryModelLoad", config)).Code);
    }

    [Fact]
    public async Task Reflection_gives_the_definitions_that_are_served()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        foreach (var version in (string[])["v1", "v1alpha"])
        {
            var path = $"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo";
            ServerReflectionRequest[] questions =
            [
                new() { ListServices = "*" },
                new() { FileContainingSymbol = "inference.GRPCInferenceService.ModelInfer" },
                new() { FileByFilename = "model_config.proto" },
                new() { AllExtensionNumbersOfType = "inference.ModelInferRequest" },
                new() { FileContainingSymbol = "inference.Nothing" },
            ];

            var result = await caller.SendAsync(path, [.. questions.SelectMany(static q => GrpcCaller.Frame(q.ToByteArray()))]);

            Assert.Equal("0", result.Status);
            var answers = result.Messages.Select(static m => ServerReflectionResponse.Parser.ParseFrom(m.Message)).ToList();
            Assert.Equal(
                ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "inference.GRPCInferenceService"],
                answers[0].ListServicesResponse.Service.Select(static s => s.Name));
            Assert.Equal([InferenceReflection.Descriptor.SerializedData, ModelConfigReflection.Descriptor.SerializedData], answers[1].FileDescriptorResponse.FileDescriptorProto);
            Assert.Equal([ModelConfigReflection.Descriptor.SerializedData], answers[2].FileDescriptorResponse.FileDescriptorProto);
            Assert.Empty(answers[3].AllExtensionNumbersResponse.ExtensionNumber);
            Assert.Equal(5, answers[4].ErrorResponse.ErrorCode);
        }
    }

    [Fact]
    public async Task Health_goes_by_the_replica()
    {
        const string Check = "/grpc.health.v1.Health/Check";
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        foreach (var service in (string[])["", "inference.GRPCInferenceService", "echo"])
        {
            var reply = (await caller.SendAsync(Check, GrpcCaller.Frame(new HealthCheckRequest { Service = service }.ToByteArray()))).Reply(HealthCheckResponse.Parser);
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, reply.Status);
        }

        Assert.Equal(5, (await caller.SendAsync(Check, GrpcCaller.Frame(new HealthCheckRequest { Service = "other" }.ToByteArray()))).Code);
        var watching = caller.SendAsync("/grpc.health.v1.Health/Watch", GrpcCaller.Frame([]));
        server.Lifecycle.MoveTo(ReplicaPhase.Leaving);
        var leaving = (await caller.SendAsync(Check, GrpcCaller.Frame([]))).Reply(HealthCheckResponse.Parser);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, leaving.Status);
        Assert.False((await caller.CallAsync("ServerReady", new ServerReadyRequest())).Reply(ServerReadyResponse.Parser).Ready);
        Assert.Equal(0, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);

        server.Lifecycle.MoveTo(ReplicaPhase.Draining);

        var watched = await watching;
        Assert.Equal(14, watched.Code);
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.NotServing,
            HealthCheckResponse.Parser.ParseFrom(watched.Messages[^1].Message).Status);
        Assert.Equal(14, (await caller.CallAsync("ModelInfer", Requests.Pair(1, 2))).Code);
    }

    [Fact]
    public async Task A_stream_is_answered_in_order_and_survives_bad_requests()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        var body = new List<byte>();
        for (var i = 0; i < 200; i++)
        {
            var request = i % 10 == 3 ? Requests.Pair(1, 2, 3) : Requests.Pair(i, -i);
            request.Id = $"{i}";
            body.AddRange(GrpcCaller.Frame(request.ToByteArray()));
        }

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelStreamInfer", [.. body]);

        Assert.Equal("0", result.Status);
        Assert.Equal(200, result.Messages.Count);
        for (var i = 0; i < 200; i++)
        {
            var reply = ModelStreamInferResponse.Parser.ParseFrom(result.Messages[i].Message);
            Assert.Equal($"{i}", reply.InferResponse.Id);
            Assert.Equal(i % 10 == 3, reply.ErrorMessage.Length > 0);
            Assert.Equal(i % 10 == 3 ? [] : Requests.Pair(i, -i).RawInputContents, reply.InferResponse.RawOutputContents);
        }

        Assert.Equal(0, server.Metrics.InFlight);
        Assert.Equal(180, server.Metrics.Snapshot().Outcomes[(int)RequestOutcome.Answered]);
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var stream = new GZipStream(target, CompressionLevel.Fastest))
        {
            stream.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] Decompress(byte[] bytes)
    {
        using var stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var target = new MemoryStream();
        stream.CopyTo(target);
        return target.ToArray();
    }
}
