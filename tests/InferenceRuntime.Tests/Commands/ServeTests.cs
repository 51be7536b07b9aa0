using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using InferenceRuntime.Contract;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Load;
using InferenceRuntime.Tests.Grpc;

namespace InferenceRuntime.Tests.Commands;

/// <summary>The program as a process, with real models.</summary>
public sealed class ServeTests
{
    private const string Digits = "digits-mlp.onnx";

    [Theory]
    [InlineData("digits-mlp.onnx", "pixels", "1,64", "FP32", "digits-test.csv", 64, 1 / 16.0, 0.98)]
    [InlineData("digits-cnn.onnx", "image", "1,1,8,8", "FP32", "digits-test.csv", 64, 1 / 16.0, 0.98)]
    [InlineData("tumour-mlp.onnx", "features", "1,30", "FP32", "tumour-test.csv", 30, 1.0, 0.98)]
    [InlineData("language-transformer.onnx", "tokens", "1,20", "INT64", "language-test.csv", 20, 1.0, 0.75)]
    public async Task A_real_model_answers_real_rows(
        string model, string input, string shape, string datatype, string rows, int width, double scale, double accuracyMin)
    {
        await using var replica = await ReplicaProcess.StartAsync("--model", ReplicaProcess.Model(model), "--name", "m", "--drain-delay", "0s");
        using var connection = new HttpConnection(replica.Rest.Host, replica.Rest.Port);
        var (right, seen) = (0, 0);
        foreach (var line in (await File.ReadAllLinesAsync(ReplicaProcess.Model(rows))).Take(150))
        {
            var cells = line.Split(',');
            var data = string.Join(',', cells.Take(width).Select(c => (double.Parse(c, CultureInfo.InvariantCulture) * scale).ToString(CultureInfo.InvariantCulture)));
            var json = $"{{\"inputs\":[{{\"name\":\"{input}\",\"shape\":[{shape}],\"datatype\":\"{datatype}\",\"data\":[{data}]}}]}}";

            var reply = await connection.ExchangeAsync(Post("m", Encoding.UTF8.GetBytes(json)), CancellationToken.None);

            Assert.Equal(200, reply.Status);
            using var document = JsonDocument.Parse(reply.Body);
            var scores = document.RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(static e => e.GetDouble()).ToList();
            seen++;
            right += scores.IndexOf(scores.Max()) == int.Parse(cells[^1], CultureInfo.InvariantCulture) ? 1 : 0;
        }

        Assert.InRange((double)right / seen, accuracyMin, 1);
        replica.Terminate();
        Assert.Equal(0, await replica.ExitAsync());
    }

    [Fact]
    public async Task Every_port_works_and_the_counts_agree_with_what_was_sent()
    {
        await using var replica = await ReplicaProcess.StartAsync("--model", ReplicaProcess.Model(Digits), "--agent", "ads/ranker", "--replica", "r0");
        using var client = new HttpClient();
        using (var connection = new HttpConnection(replica.Rest.Host, replica.Rest.Port))
        {
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(200, (await connection.ExchangeAsync(DigitsRequest(), CancellationToken.None)).Status);
            }

            Assert.Equal(400, (await connection.ExchangeAsync(Post("digits-mlp", "{}"u8.ToArray()), CancellationToken.None)).Status);
        }

        var samples = PrometheusTextParser.Parse(await client.GetStringAsync(new Uri(replica.Metrics, "/metrics")));
        var state = JsonSerializer.Deserialize(await client.GetStringAsync(new Uri(replica.Admin, "/v1/state")), ContractJson.Default.ReplicaState)!;

        Assert.StartsWith("ready: model digits-mlp at http://127.0.0.1:", replica.ReadyLine, StringComparison.Ordinal);
        Assert.Equal(20, Value(MetricNames.RequestsTotal, RequestOutcomes.Answered));
        Assert.Equal(1, Value(MetricNames.RequestsTotal, RequestOutcomes.Invalid));
        Assert.Equal(20, samples.Single(static s => s.Name == MetricNames.RequestSeconds + "_count").Value);
        Assert.Equal(20, samples.Single(static s => s.Name == MetricNames.ExecutionRowsTotal).Value);
        Assert.Equal(
            samples.Single(static s => s.Name == MetricNames.RequestSeconds + "_sum").Value,
            samples.Where(static s => s.Name == MetricNames.PhaseSecondsTotal).Sum(static s => s.Value), precision: 4);
        Assert.True(state.Ready);
        Assert.True(state.Batched);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(replica.Metrics, "/readyz"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(replica.Metrics, "/healthz"))).StatusCode);

        double Value(string name, string outcome) => samples.Single(s => s.Name == name && s.Label(MetricLabels.Outcome) == outcome).Value;
    }

    [Fact]
    public async Task The_gRPC_port_answers_as_REST_does_and_drains_with_the_replica()
    {
        await using var replica = await ReplicaProcess.StartAsync("--model", ReplicaProcess.Model(Digits), "--name", "m", "--drain-delay", "0s");
        using var caller = new GrpcCaller(replica.Grpc);
        using var connection = new HttpConnection(replica.Rest.Host, replica.Rest.Port);
        var pixels = Enumerable.Range(0, 128).SelectMany(static i => BitConverter.GetBytes(i % 17 / 16f)).ToArray();
        var request = Requests.Raw(("pixels", "FP32", [2, 64], pixels));
        request.ModelName = "m";

        var grpc = (await caller.CallAsync("ModelInfer", request)).Reply(ModelInferResponse.Parser);
        var json = Encoding.ASCII.GetBytes(
            $$$"""{"inputs":[{"name":"pixels","shape":[2,64],"datatype":"FP32","parameters":{"binary_data_size":{{{pixels.Length}}} } }],"parameters":{"binary_data_output":true} }""");
        var rest = await connection.ExchangeAsync(
            (byte[])[.. Encoding.ASCII.GetBytes($"POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nInference-Header-Content-Length: {json.Length}\r\nContent-Length: {json.Length + pixels.Length}\r\n\r\n"), .. json, .. pixels],
            CancellationToken.None);

        Assert.Equal(200, rest.Status);
        Assert.Equal(rest.Body[rest.JsonLength..].ToArray(), grpc.RawOutputContents.SelectMany(static r => r).ToArray());
        Assert.Contains($"grpc {replica.Grpc}", replica.ReadyLine, StringComparison.Ordinal);

        // A watch that is open and a connection that idles do not hold the replica back.
        var watching = caller.SendAsync("/grpc.health.v1.Health/Watch", GrpcCaller.Frame([]));
        replica.Terminate();
        Assert.Equal(14, (await watching).Code);
        Assert.Equal(0, await replica.ExitAsync());
    }

    [Fact]
    public async Task A_drain_under_load_loses_no_reply()
    {
        await using var replica = await ReplicaProcess.StartAsync("--model", ReplicaProcess.Model(Digits), "--drain-delay", "500ms");
        var request = DigitsRequest();
        var answered = 0;
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            using var connection = new HttpConnection(replica.Rest.Host, replica.Rest.Port);
            while (true)
            {
                // A lost reply throws here, and fails the test.
                var reply = await connection.ExchangeAsync(request, CancellationToken.None);
                if (reply.Status == 503)
                {
                    return reply.Status;
                }

                Assert.Equal(200, reply.Status);
                if (Interlocked.Increment(ref answered) == 200)
                {
                    enough.SetResult();
                }
            }
        })).ToList();
        await enough.Task.WaitAsync(TimeSpan.FromMinutes(1));

        replica.Terminate();
        var last = await Task.WhenAll(clients).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.All(last, static status => Assert.Equal(503, status));
        Assert.Equal(0, await replica.ExitAsync());
    }

    [Fact]
    public async Task Told_to_stop_a_replica_is_not_ready_but_serves_and_a_second_signal_ends_it_at_once()
    {
        await using var replica = await ReplicaProcess.StartAsync("--model", ReplicaProcess.Model(Digits), "--drain-delay", "10m");
        using var client = new HttpClient();

        replica.Terminate();
        while ((await client.GetAsync(new Uri(replica.Metrics, "/readyz"))).StatusCode == HttpStatusCode.OK)
        {
            // The signal is on its way.
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync(new Uri(replica.Rest, "/v2/health/ready"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(replica.Metrics, "/healthz"))).StatusCode);
        using (var connection = new HttpConnection(replica.Rest.Host, replica.Rest.Port))
        {
            Assert.Equal(200, (await connection.ExchangeAsync(DigitsRequest(), CancellationToken.None)).Status);
        }

        replica.Terminate();
        Assert.Equal(1, await replica.ExitAsync());
    }

    [Fact]
    public async Task A_variant_beside_the_model_answers_its_share_of_the_requests()
    {
        var settings = Path.Combine(Directory.CreateTempSubdirectory("settings").FullName, "settings.json");
        await File.WriteAllTextAsync(settings, """{"serving":{"full":1,"twin":3}}""");
        await using var replica = await ReplicaProcess.StartAsync(
            "--model", ReplicaProcess.Model(Digits), "--variant", $"twin={ReplicaProcess.Model(Digits)}", "--settings", settings);
        using (var connection = new HttpConnection(replica.Rest.Host, replica.Rest.Port))
        {
            for (var i = 0; i < 16; i++)
            {
                Assert.Equal(200, (await connection.ExchangeAsync(DigitsRequest(), CancellationToken.None)).Status);
            }
        }

        using var client = new HttpClient();
        var samples = PrometheusTextParser.Parse(await client.GetStringAsync(new Uri(replica.Metrics, "/metrics")));
        Assert.Equal(12, samples.Single(static s => s.Name == MetricNames.VariantRequestsTotal && s.Label(MetricLabels.Variant) == "twin").Value);
        Assert.Equal(16, samples.Single(static s => s.Name == MetricNames.ExecutionRowsTotal).Value);
        Directory.Delete(Path.GetDirectoryName(settings)!, recursive: true); // It has a folder: it was made above.
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_rejected_with_one_line()
    {
        var (code, errors, message) = await ReplicaProcess.FailAsync("--model", ReplicaProcess.Model("digits-test.csv"));

        Assert.Equal(3, code);
        Assert.StartsWith("model rejected: ", message, StringComparison.Ordinal);
        Assert.Contains(message!, errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message!);
    }

    [Fact]
    public async Task A_model_with_another_hash_is_rejected()
    {
        var (code, _, message) = await ReplicaProcess.FailAsync("--model", ReplicaProcess.Model(Digits), "--sha256", new string('0', 64));

        Assert.Equal(3, code);
        Assert.Contains("sha256", message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("--version", "0")]
    [InlineData("--agent", "ranker")]
    [InlineData("--host", "example")]
    [InlineData("--name", "a/b")]
    [InlineData("--sha256", "12")]
    [InlineData("--drain-delay", "5")]
    [InlineData("--max-request-bytes", "1Ti")]
    [InlineData("--threads", "0")]
    [InlineData("--http-port", "65536")]
    [InlineData("--settings", "no-such-file.json")]
    [InlineData("--variant", "full=x.onnx")]
    [InlineData("--variant", "no-path")]
    [InlineData("--variant", "a b=x.onnx")]
    [InlineData("--variant-sha256", "twin=12")]
    [InlineData("--variant-sha256", "twin=75d5124e1491db44907fa673bb77db9a749a22e3c7228b6c84303d710cac4a00")]
    [InlineData("--nonsense", "1")]
    [InlineData("--tls-cert", "no-such-file.pem")]
    [InlineData("--tls-key", "no-such-file.pem")]
    [InlineData("--tls-client-ca", "no-such-file.pem")]
    [InlineData("--token-file", "no-such-file")]
    [InlineData("--cors-origin", "app.example")]
    [InlineData("--connection-max-age", "-1s")]
    public async Task A_bad_argument_is_named(string option, string value)
    {
        var (code, errors, _) = await ReplicaProcess.FailAsync("--model", ReplicaProcess.Model(Digits), option, value);

        Assert.Equal(2, code);
        Assert.Contains(option, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static byte[] DigitsRequest()
    {
        var json = """{"inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","data":[DATA]}]}"""
            .Replace("DATA", string.Join(',', Enumerable.Repeat("0.5", 64)), StringComparison.Ordinal);
        return Post("digits-mlp", Encoding.UTF8.GetBytes(json));
    }

    private static byte[] Post(string model, byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
}
