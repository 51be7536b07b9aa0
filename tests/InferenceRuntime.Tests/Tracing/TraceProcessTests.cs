using System.Text;
using InferenceRuntime.Contract;
using InferenceRuntime.Tests.Commands;

namespace InferenceRuntime.Tests.Tracing;

/// <summary>The program as a process, asked for traces by its environment.</summary>
public sealed class TraceProcessTests
{
    private const int Server = 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Told_to_end_it_sends_the_spans_of_what_it_answered_with_the_names_it_was_given(bool isGrpc)
    {
        await using var receiver = await TraceReceiver.StartAsync();
        await using var replica = await ReplicaProcess.StartAsync(
            [
                new("OTEL_EXPORTER_OTLP_ENDPOINT", (isGrpc ? receiver.Grpc : receiver.Http).ToString()),
                new("OTEL_EXPORTER_OTLP_PROTOCOL", isGrpc ? "grpc" : "http/protobuf"),
                new("OTEL_EXPORTER_OTLP_HEADERS", "tenant=ads"),
                new("OTEL_SERVICE_NAME", "ranker"),
                new("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,k8s.pod.name=ranker-0"),
                new("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4"),
                new("OTEL_BSP_SCHEDULE_DELAY", "600000"),
            ],
            "--model", ReplicaProcess.Model("digits-mlp.onnx"), "--name", "digits", "--agent", "ads/ranker", "--drain-delay", "0s");
        using var client = new HttpClient { BaseAddress = replica.Rest };

        await InferAsync(client, TracedServer.Parent('a', '1', isRecorded: true));
        await receiver.WaitForExportsAsync(1);
        await InferAsync(client, TracedServer.Parent('b', '2', isRecorded: false));
        await InferAsync(client, TracedServer.Parent('c', '3', isRecorded: true));
        replica.Terminate();

        Assert.Equal(0, await replica.ExitAsync());
        var requests = receiver.Spans.Where(static s => s.Kind == Server).ToList();
        Assert.Equal([new string('a', 32), new string('c', 32)], requests.Select(static s => s.TraceId));
        var request = requests[1];
        Assert.Equal("digits", request["inference.model.name"]);
        Assert.Equal(("ranker", "test", "ranker-0"), (request.Resource["service.name"], request.Resource["deployment.environment.name"], request.Resource["k8s.pod.name"]));
        Assert.Equal(("ranker", "ads"), (request.Resource["inference.agent.name"], request.Resource["inference.agent.namespace"]));
        Assert.Equal("ads", receiver.Headers["tenant"]);
        Assert.Equal(2, receiver.Spans.Count(static s => s.Name == "batch"));
    }

    [Fact]
    public async Task Its_metrics_count_the_spans_and_a_wrong_variable_does_not_keep_it_from_serving()
    {
        await using var receiver = await TraceReceiver.StartAsync();
        await using var replica = await ReplicaProcess.StartAsync(
            [
                new("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", new Uri(receiver.Http, "v1/traces").ToString()),
                new("OTEL_TRACES_SAMPLER", "sometimes"),
                new("OTEL_BSP_SCHEDULE_DELAY", "50"),
            ],
            "--model", ReplicaProcess.Model("digits-mlp.onnx"), "--name", "digits");
        using var client = new HttpClient { BaseAddress = replica.Rest };

        await InferAsync(client, parent: null);
        var spans = await receiver.WaitAsync(static spans => spans.Any(static s => s.Kind == Server) && spans.Any(static s => s.Name == "batch"));

        Assert.Equal("inference-runtime", spans[0].Resource["service.name"]);
        var page = PrometheusTextParser.Parse(await client.GetStringAsync(new Uri(replica.Metrics, "metrics")));
        Assert.Equal(0, page.Where(static s => s.Name == MetricNames.SpansDroppedTotal).Sum(static s => s.Value));
        Assert.Equal(["queue_full", "undelivered"], page.Where(static s => s.Name == MetricNames.SpansDroppedTotal).Select(static s => s.Label(MetricLabels.Reason)));
        Assert.Single(page, static s => s.Name == MetricNames.SpansExportedTotal);
    }

    private static async Task InferAsync(HttpClient client, string? parent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("v2/models/digits/infer", UriKind.Relative))
        {
            Content = new StringContent(
                $$"""{"inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","data":[{{string.Join(',', Enumerable.Repeat("1", 64))}}]}]}""", Encoding.UTF8, "application/json"),
        };
        if (parent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", parent);
        }

        using var reply = await client.SendAsync(request);
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
    }
}
