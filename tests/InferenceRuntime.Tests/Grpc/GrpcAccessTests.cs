using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Grpc;

public sealed class GrpcAccessTests : IDisposable
{
    private const int PermissionDenied = 7;
    private const int Unauthenticated = 16;

    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("tokens").FullName, "tokens");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    [Theory]
    [InlineData(null, Unauthenticated)]
    [InlineData("Bearer wrong", Unauthenticated)]
    [InlineData("Basic secret", Unauthenticated)]
    [InlineData("Bearer secret", 0)]
    public async Task Inference_needs_one_of_the_tokens(string? authorization, int code)
    {
        await using var server = await StartGuardedAsync();
        using var caller = new GrpcCaller(server.Url);
        (string, string)[] headers = authorization is null ? [] : [("authorization", authorization)];

        var result = await caller.CallAsync("ModelInfer", Requests.Pair(1, 2), headers);

        Assert.Equal((code, 200), (result.Code, result.HttpStatus));
    }

    [Theory]
    [InlineData("/inference.GRPCInferenceService/ServerLive", 0)]
    [InlineData("/inference.GRPCInferenceService/ServerReady", 0)]
    [InlineData("/grpc.health.v1.Health/Check", 0)]
    [InlineData("/inference.GRPCInferenceService/ServerMetadata", Unauthenticated)]
    [InlineData("/inference.GRPCInferenceService/RepositoryIndex", Unauthenticated)]
    public async Task Health_alone_is_answered_without_a_token(string path, int code)
    {
        await using var server = await StartGuardedAsync();
        using var caller = new GrpcCaller(server.Url);

        Assert.Equal(code, (await caller.SendAsync(path, GrpcCaller.Frame([]))).Code);
    }

    [Fact]
    public async Task Models_are_not_loaded_or_unloaded_unless_that_was_allowed_and_the_extension_is_not_named()
    {
        await using var server = await GrpcServer.StartAsync(new EchoEngine(Requests.Pairs), modelControl: false);
        using var caller = new GrpcCaller(server.Url);

        Assert.Equal(PermissionDenied, (await caller.CallAsync("RepositoryModelLoad", new RepositoryModelLoadRequest { ModelName = "echo" })).Code);
        Assert.Equal(PermissionDenied, (await caller.CallAsync("RepositoryModelUnload", new RepositoryModelUnloadRequest { ModelName = "echo" })).Code);
        var metadata = (await caller.CallAsync("ServerMetadata", new ServerMetadataRequest())).Reply(ServerMetadataResponse.Parser);
        Assert.DoesNotContain("model_repository", metadata.Extensions);
    }

    private async Task<GrpcServer> StartGuardedAsync()
    {
        await File.WriteAllTextAsync(_file, "secret\nother\n");
        return await GrpcServer.StartAsync(new EchoEngine(Requests.Pairs), tokens: new BearerTokens(_file, TimeProvider.System, NullLogger.Instance));
    }
}
