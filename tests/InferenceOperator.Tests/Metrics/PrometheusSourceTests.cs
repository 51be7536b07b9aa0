using System.Net;
using System.Text;
using InferenceOperator.Core.Observation;
using InferenceOperator.Metrics;
using InferenceOperator.Tests.Cluster.Kit;
using InferenceOperator.Workloads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace InferenceOperator.Tests.Metrics;

/// <summary>What becomes of every way in which Prometheus can fail: a reading that says why, never a zero.</summary>
public sealed class PrometheusSourceTests
{
    private const string Empty = """{"status":"success","data":{"resultType":"matrix","result":[]}}""";

    [Theory]
    [InlineData(500, "boom", "500")]
    [InlineData(422, """{"status":"error","errorType":"bad_data","error":"parse error"}""", "parse error")]
    [InlineData(200, "<html>login</html>", "not the JSON")]
    [InlineData(200, Empty, "no recent samples of r-1")]
    public async Task A_failed_reading_has_its_reason_and_no_sample(int status, string body, string reason)
    {
        await using var server = await AnswerAsync(status, body);
        using var source = new PrometheusSource(new PrometheusOptions { Url = new Uri(server.Urls.First()) });

        var reading = await source.ReadAsync(Written.Read(Written.Agent("ns", "a")), [Replica("r-1")], CancellationToken.None);

        Assert.Empty(reading.Samples);
        Assert.Contains(reason, reading.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_failed_reading()
    {
        using var source = new PrometheusSource(new PrometheusOptions { Url = new Uri("http://127.0.0.1:1") });

        var reading = await source.ReadAsync(Written.Read(Written.Agent("ns", "a")), [Replica("r-1")], CancellationToken.None);

        Assert.Empty(reading.Samples);
        Assert.NotNull(reading.Failure);
    }

    [Fact]
    public async Task A_server_that_answers_too_late_is_a_failed_reading()
    {
        await using var server = await AnswerAsync(200, Empty, hold: true);
        using var source = new PrometheusSource(new PrometheusOptions { Url = new Uri(server.Urls.First()) });

        var reading = await source.ReadAsync(Written.Read(Written.Agent("ns", "a")), [Replica("r-1")], CancellationToken.None);

        Assert.Empty(reading.Samples);
        Assert.Contains("no answer within 5 s", reading.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_is_sent_and_read_again_each_time()
    {
        using var folder = new Testing.Servers.TemporaryFolder();
        var seen = new List<string>();
        await using var server = await AnswerAsync(200, Empty, context => seen.Add(context.Request.Headers.Authorization.ToString()));
        using var source = new PrometheusSource(new PrometheusOptions { Url = new Uri(server.Urls.First()), TokenFile = folder.Write("token", "one\n") });
        var agent = Written.Read(Written.Agent("ns", "a"));

        await source.ReadAsync(agent, [], CancellationToken.None);
        folder.Write("token", "two");
        await source.ReadAsync(agent, [], CancellationToken.None);

        Assert.Equal(["Bearer one", "Bearer two"], seen);
    }

    internal static ReplicaAccess Replica(string name) =>
        new(name, name, ReplicaPhase.Ready, new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:1"), new AdminToken("t"));

    private static async Task<WebApplication> AnswerAsync(int status, string body, Action<HttpContext>? look = null, bool hold = false)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.Run(async context =>
        {
            look?.Invoke(context);
            if (hold)
            {
                await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
            }

            context.Response.StatusCode = status;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        });
        await server.StartAsync();
        return server;
    }
}
