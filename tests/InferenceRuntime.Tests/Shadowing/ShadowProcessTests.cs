using System.Net;
using System.Net.Http.Headers;
using System.Text;
using InferenceRuntime.Contract;
using InferenceRuntime.Tests.Commands;

namespace InferenceRuntime.Tests.Shadowing;

/// <summary>Replicas as processes: what one answers, another compares.</summary>
public sealed class ShadowProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("shadow").FullName;
    private readonly HttpClient _client = new();

    public ShadowProcessTests()
    {
        File.WriteAllText(Token, "s3cret");
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "s3cret");
    }

    private string Token => Path.Combine(_folder, "token");

    public void Dispose()
    {
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("digits-mlp.onnx", ShadowResults.Agreed)]
    [InlineData("tumour-mlp.onnx", ShadowResults.Incomparable)]
    public async Task What_one_replica_answers_another_compares_and_counts_as_no_request_of_its_own(string other, string result)
    {
        await using var old = await StartAsync("digits-mlp.onnx");
        await using var tried = await StartAsync(other);
        Assert.Equal(HttpStatusCode.OK, await PointAsync(old, tried.Admin));

        var asked = 0;
        await UntilAsync(async () =>
        {
            await AskAsync(old, asked++);
            return await ReadAsync(tried, MetricNames.ShadowRowsTotal, result) >= 10;
        });

        Assert.True(await ReadAsync(old, MetricNames.ShadowRequestsTotal, ShadowResults.Sent) >= 9);
        Assert.Equal(0, await ReadAsync(tried, MetricNames.RequestsTotal, RequestOutcomes.Answered));
        Assert.Equal(asked, await ReadAsync(old, MetricNames.RequestsTotal, RequestOutcomes.Answered));
    }

    [Fact]
    public async Task A_replica_that_is_gone_costs_no_answer_and_is_counted()
    {
        await using var old = await StartAsync("digits-mlp.onnx");
        Assert.Equal(HttpStatusCode.OK, await PointAsync(old, new Uri("http://127.0.0.1:1")));

        for (var i = 0; i < 10; i++)
        {
            await AskAsync(old, i);
        }

        await UntilAsync(async () => await ReadAsync(old, MetricNames.ShadowRequestsTotal, ShadowResults.Failed) + await ReadAsync(old, MetricNames.ShadowRequestsTotal, ShadowResults.Dropped) == 10);
        Assert.Equal(10, await ReadAsync(old, MetricNames.RequestsTotal, RequestOutcomes.Answered));
    }

    [Fact]
    public async Task Without_the_token_nothing_is_taken()
    {
        await using var tried = await StartAsync("digits-mlp.onnx");
        using var stranger = new HttpClient();
        using var content = new ByteArrayContent(new byte[100]);

        using var reply = await stranger.PostAsync(new Uri(tried.Admin, "/v1/shadow"), content);

        Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
    }

    private Task<ReplicaProcess> StartAsync(string model) => ReplicaProcess.StartAsync("--model", ReplicaProcess.Model(model), "--admin-token-file", Token);

    private async Task<HttpStatusCode> PointAsync(ReplicaProcess replica, Uri to)
    {
        using var content = new StringContent($$"""{"shadow":{"address":"{{to.GetLeftPart(UriPartial.Authority)}}","share":1} }""", Encoding.UTF8, "application/json");
        using var reply = await _client.PutAsync(new Uri(replica.Admin, "/v1/settings"), content);
        return reply.StatusCode;
    }

    private async Task AskAsync(ReplicaProcess replica, int value)
    {
        var json = $$"""{"inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","data":[{{string.Join(',', Enumerable.Repeat(value, 64))}}]}]}""";
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var reply = await _client.PostAsync(new Uri(replica.Rest, "/v2/models/digits-mlp/infer"), content);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
    }

    private async Task<double> ReadAsync(ReplicaProcess replica, string metric, string label) =>
        PrometheusTextParser.Parse(await _client.GetStringAsync(new Uri(replica.Metrics, "/metrics")))
            .Where(s => s.Name == metric && (s.Label(MetricLabels.Result) ?? s.Label(MetricLabels.Outcome)) == label).Sum(static s => s.Value);

    // Copies go after the answer: they are waited for.
    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3), TimeProvider.System);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (!await holds())
        {
            await again.WaitForNextTickAsync(patience.Token);
        }
    }
}
