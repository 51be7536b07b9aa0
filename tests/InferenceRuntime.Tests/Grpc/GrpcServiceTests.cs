using Google.Protobuf;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Grpc.Messages.Health;
using InferenceRuntime.Grpc.Messages.Reflection;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Tests.Grpc;

public sealed class GrpcServiceTests
{
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
}
