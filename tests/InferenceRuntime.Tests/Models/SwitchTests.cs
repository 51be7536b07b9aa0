using System.Globalization;
using System.Text;
using System.Text.Json;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Load;
using InferenceRuntime.Models;
using InferenceRuntime.Onnx.Tests;
using InferenceRuntime.Tests.Grpc;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Models;

/// <summary>Versions that replace each other under load: real sessions behind real ports.</summary>
public sealed class SwitchTests(ITestOutputHelper output) : IDisposable
{
    private const int Switches = 20;

    /// <summary>Answers that are waited for after each switch; the next one comes in the middle of the load.</summary>
    private const int AnswersBetween = 60;

    private readonly RepositoryFiles _files = new();
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _answers = new(0);

    public void Dispose()
    {
        _end.Dispose();
        _answers.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Under_load_without_a_pause_no_request_is_lost_and_each_answer_is_right_for_the_version_that_it_names()
    {
        Publish(1);
        await using var repository = new FolderRepository(
            _files.Folders,
            new VersionLoader(
                static (name, version, settings, cancellationToken) => OnnxEngine.LoadAsync(
                    new EngineOptions { ModelPath = version.Path, Name = name, Version = version.Text, Threads = 1, Settings = settings, WarmUpMax = TimeSpan.FromMilliseconds(20) },
                    TimeProvider.System, NullLoggerFactory.Instance, cancellationToken),
                static engine => engine),
            new AheadOptions(),
            static _ => { },
            new RuntimeSettings(),
            TimeProvider.System,
            NullLogger<FolderRepository>.Instance);
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        await using var rest = await EchoServer.StartAsync(new EchoEngine(Requests.Pairs), repository, new RestOptions());
        await using var grpc = await GrpcServer.StartAsync(repository);
        List<Task<int>> clients = [.. Enumerable.Range(1, 3).Select(i => SendRestAsync(rest.Url, i)), .. Enumerable.Range(4, 3).Select(i => SendGrpcAsync(grpc.Url, i))];

        for (var version = 2; version <= Switches + 1; version++)
        {
            Publish(version);
            Assert.IsType<RepositoryChange.Done>(await repository.LoadAsync("rows", CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
            for (var i = 0; i < AnswersBetween; i++)
            {
                await Task.WhenAny(_answers.WaitAsync(), Task.WhenAny(clients)).WaitAsync(TimeSpan.FromSeconds(60));
                Assert.All(clients, static client => Assert.False(client.IsFaulted, client.Exception?.ToString()));
            }

            Assert.Equal($"{version}", Assert.IsType<ModelLookup.Found>(repository.Find("rows", "")).Engine.Signature.Version);
        }

        await _end.CancelAsync();
        var answered = await Task.WhenAll(clients).WaitAsync(TimeSpan.FromSeconds(60));
        output.WriteLine($"{Switches} switches, {answered.Sum()} requests answered: {string.Join(' ', answered)}");
        Assert.InRange(answered.Sum(), Switches * AnswersBetween, int.MaxValue);
        Assert.All(answered, static count => Assert.NotEqual(0, count));
    }

    /// <summary>Odd versions answer with the input, even ones with its negative.</summary>
    private void Publish(int version) =>
        _files.Write("rows", version.ToString(CultureInfo.InvariantCulture), RepositoryFiles.Rows(version % 2 == 1 ? "Identity" : "Neg").Bytes());

    private void Check(string version, float first, float sent)
    {
        Assert.Equal((version, int.Parse(version, CultureInfo.InvariantCulture) % 2 == 1 ? sent : -sent), (version, first));
        _answers.Release();
    }

    private async Task<int> SendRestAsync(Uri url, float number)
    {
        var body = string.Create(CultureInfo.InvariantCulture, $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[{{number}},2]}]}""");
        var request = EchoServer.InferRequest(body, path: "/v2/models/rows/infer");
        using var connection = new HttpConnection(url.Host, url.Port);
        var count = 0;
        for (; !_end.IsCancellationRequested; count++)
        {
            var reply = await connection.ExchangeAsync(request, CancellationToken.None);
            Assert.True(reply.Status == 200, Encoding.UTF8.GetString(reply.Body.Span));
            using var document = JsonDocument.Parse(reply.Body);
            Check(
                document.RootElement.GetProperty("model_version").GetString()!,
                document.RootElement.GetProperty("outputs")[0].GetProperty("data")[0].GetSingle(),
                number);
        }

        return count;
    }

    private async Task<int> SendGrpcAsync(Uri url, float number)
    {
        var request = new ModelInferRequest { ModelName = "rows" };
        request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 1, 2 }, Contents = new InferTensorContents { Fp32Contents = { number, 2 } } });
        using var caller = new GrpcCaller(url);
        var count = 0;
        for (; !_end.IsCancellationRequested; count++)
        {
            var result = await caller.CallAsync("ModelInfer", request);
            Assert.Equal(0, result.Code);
            var reply = result.Reply(ModelInferResponse.Parser);
            Check(reply.ModelVersion, BitConverter.ToSingle(reply.RawOutputContents[0].Span), number);
        }

        return count;
    }
}
