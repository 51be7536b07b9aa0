using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using InferenceRuntime.Contract;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Load;
using InferenceRuntime.Onnx.Tests;
using InferenceRuntime.Tests.Grpc;
using InferenceRuntime.Tests.Models;

namespace InferenceRuntime.Tests.Commands;

/// <summary>The program as a process, serving a folder of real models.</summary>
public sealed class ServeRepositoryTests : IDisposable
{
    private const string Token = "s3cret";

    private readonly RepositoryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Several_models_are_served_measured_set_and_replaced_while_they_serve()
    {
        _files.Write("digits", "3", await File.ReadAllBytesAsync(ReplicaProcess.Model("digits-mlp.onnx")));
        _files.Write("rows", "1", RepositoryFiles.Rows("Identity").Bytes());
        _files.Write("rows", "2", "not a model"u8.ToArray());
        var token = Path.Combine(_files.Root, "token");
        await File.WriteAllTextAsync(token, Token);
        await using var replica = await ReplicaProcess.StartAsync(
            "--repository", _files.Root, "--model-control", "--admin-token-file", token, "--drain-delay", "0s", "--replica", "r0");
        using var client = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) } };
        using var connection = new HttpConnection(replica.Rest.Host, replica.Rest.Port);
        using var caller = new GrpcCaller(replica.Grpc);

        Assert.StartsWith("ready: 2 models at ", replica.ReadyLine, StringComparison.Ordinal);
        var index = (await caller.CallAsync("RepositoryIndex", new RepositoryIndexRequest())).Reply(RepositoryIndexResponse.Parser);
        Assert.Equal(["digits 3 READY", "rows 1 READY", "rows 2 UNAVAILABLE"], index.Models.Select(static m => $"{m.Name} {m.Version} {m.State}"));
        Assert.DoesNotContain(_files.Root, index.Models[2].Reason, StringComparison.Ordinal);
        Assert.Contains("\"model_version\":\"1\"", await AskAsync(connection), StringComparison.Ordinal);
        Assert.Equal(400, (await connection.ExchangeAsync(Post("/v2/repository/models/rows/load", ""), CancellationToken.None)).Status);

        // Version 3 takes over from version 1.
        _files.Write("rows", "3", RepositoryFiles.Rows("Neg").Bytes());
        Assert.Equal(200, (await connection.ExchangeAsync(Post("/v2/repository/models/rows/load", ""), CancellationToken.None)).Status);
        var answer = await AskAsync(connection);
        Assert.Contains("\"model_version\":\"3\"", answer, StringComparison.Ordinal);
        Assert.Contains("[-1,-2]", answer, StringComparison.Ordinal);

        var samples = PrometheusTextParser.Parse(await client.GetStringAsync(new Uri(replica.Metrics, "/metrics")));
        var answered = samples.Where(static s => s.Name == MetricNames.RequestsTotal && s.Label(MetricLabels.Outcome) == RequestOutcomes.Answered);
        Assert.Equal([(null, 0), ("digits", 0), ("rows", 2)], answered.Select(static s => (s.Label(MetricLabels.Model), s.Value)));
        Assert.Equal(["digits", "rows"], samples.Where(static s => s.Name == MetricNames.QueueRequests).Select(static s => s.Label(MetricLabels.Model)));
        Assert.All(samples, static s => Assert.Equal("r0", s.Label(MetricLabels.Replica)));

        var state = JsonSerializer.Deserialize(await client.GetStringAsync(new Uri(replica.Admin, "/v1/state")), ContractJson.Default.ReplicaState)!;
        Assert.Equal(["digits 3", "rows 3"], state.Models!.Select(static m => $"{m.Model} {m.Version}"));
        Assert.Equal(("digits", true, state.Models![0].ModelSha256), (state.Model, state.Ready, state.ModelSha256));

        Assert.Equal(HttpStatusCode.OK, await SetAsync(client, replica, """{"batching":{"maxSize":7},"cache":{"policy":"LRU"}}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await SetAsync(client, replica, """{"serving":{"int8":1}}"""));
        var config = (await caller.CallAsync("ModelConfig", new ModelConfigRequest { Name = "rows" })).Reply(ModelConfigResponse.Parser).Config;
        Assert.Equal((7, true), (config.MaxBatchSize, config.ResponseCache.Enable));

        Assert.Equal(200, (await connection.ExchangeAsync(Post("/v2/repository/models/digits/unload", ""), CancellationToken.None)).Status);
        Assert.Equal(503, (await connection.ExchangeAsync(Encoding.ASCII.GetBytes("GET /v2/models/digits HTTP/1.1\r\nHost: x\r\n\r\n"), CancellationToken.None)).Status);
        replica.Terminate();
        Assert.Equal(0, await replica.ExitAsync());
    }

    [Fact]
    public async Task A_repository_that_cannot_be_served_ends_the_start_with_the_reason()
    {
        _files.Write("rows", "1", "not a model"u8.ToArray());

        var (code, errors, termination) = await ReplicaProcess.FailAsync("--repository", _files.Root);

        Assert.Equal(3, code);
        Assert.Contains("repository rejected: rows: ", errors, StringComparison.Ordinal);
        Assert.StartsWith("repository rejected: rows: ", termination, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one of --model and --repository is needed, and not both")]
    [InlineData("one of --model and --repository is needed, and not both", "--model", "a.onnx", "--repository", "b")]
    [InlineData("--name: goes with --model only", "--repository", "b", "--name", "m")]
    [InlineData("--version: goes with --model only", "--repository", "b", "--version", "1")]
    [InlineData("--variant: goes with --model only", "--repository", "b", "--variant", "q=b.onnx")]
    [InlineData("--announced-bytes: goes with --repository only", "--model", "a.onnx", "--announced-bytes", "1Gi")]
    public async Task One_source_of_models_is_given_with_the_options_that_go_with_it(string error, params string[] arguments)
    {
        var (code, errors, _) = await ReplicaProcess.FailAsync(arguments);

        Assert.Equal(2, code);
        Assert.Contains(error, errors, StringComparison.Ordinal);
    }

    private static byte[] Post(string path, string body) =>
        Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    private static async Task<string> AskAsync(HttpConnection connection)
    {
        var request = Post("/v2/models/rows/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""");
        var reply = await connection.ExchangeAsync(request, CancellationToken.None);
        Assert.Equal(200, reply.Status);
        return Encoding.UTF8.GetString(reply.Body.Span);
    }

    private static async Task<HttpStatusCode> SetAsync(HttpClient client, ReplicaProcess replica, string settings)
    {
        using var content = new StringContent(settings);
        using var reply = await client.PutAsync(new Uri(replica.Admin, "/v1/settings"), content);
        return reply.StatusCode;
    }
}
