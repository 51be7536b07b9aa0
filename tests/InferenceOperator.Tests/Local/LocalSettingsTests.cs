using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using InferenceRuntime.Contract;

namespace InferenceOperator.Tests.Local;

/// <summary>From a manifest to what real replicas do: settings, and the cached responses that a new replica takes over.</summary>
public sealed class LocalSettingsTests : IAsyncLifetime
{
    // tokens, int64 [batch, time], to copy, the same, and sum over time, int64 [batch, 1]: the sum shows what was padded.
    private const string CopyAndSum =
        "CAdCAhANOrMBChgKBnRva2VucxIEY29weSIISWRlbnRpdHkKHgoGdG9rZW5zCgRheGVzEgNzdW0iCVJlZHVjZVN1bRIBZyoUCAEQB0IEYXhlc0oIAQAAAAAAAABaIQoGdG9rZW5z"
        + "EhcKFQgHEhEKBxIFYmF0Y2gKBhIEdGltZWIfCgRjb3B5EhcKFQgHEhEKBxIFYmF0Y2gKBhIEdGltZWIaCgNzdW0SEwoRCAcSDQoHEgViYXRjaAoCCAE=";

    private readonly LocalHostUnderTest _local = new();

    public async Task InitializeAsync() => await File.WriteAllBytesAsync(Path.Combine(_local.Folder, "words.onnx"), Convert.FromBase64String(CopyAndSum));

    public Task DisposeAsync() => _local.DisposeAsync().AsTask();

    [Fact]
    public async Task Padding_and_queue_arrive_at_the_replica_and_stay_when_something_else_changes()
    {
        const string declared = """
            batching: {queue: {requests: 50, memory: 8Mi, timeout: 5s}, buckets: [4, 8], pad: {tokens: 10}}
            serving: {cache: {policy: LFU, size: 1Mi}}
            """;
        Write(declared);
        await _local.StartAsync();
        await _local.UntilReadyAsync("words", 1);

        Assert.Equal(("[1,2,3]", "[1,3]", "[16]"), await AskAsync(1, 2, 3)); // One 10 behind it.
        Assert.Equal(("[1,2,3,4]", "[1,4]", "[10]"), await AskAsync(1, 2, 3, 4));
        Assert.Equal(("[1,1,1,1,1]", "[1,5]", "[35]"), await AskAsync(1, 1, 1, 1, 1));
        Assert.Equal(("[1,1,1,1,1,1,1,1,1]", "[1,9]", "[9]"), await AskAsync(1, 1, 1, 1, 1, 1, 1, 1, 1)); // Above the largest bucket.
        var settings = await _local.SettingsAsync("words-1");
        Assert.Equal(new QueueSettings { MaxRequests = 50, MaxBytes = 8 << 20, TimeoutMs = 5000 }, settings.Queue);
        Assert.Equal(new PaddingSettings { Buckets = [4, 8], Value = 10 }, Assert.Single(settings.Padding!).Value);

        Write(declared + "\nslo: {latency: {target: 77ms}}");
        await UntilSettingsAsync(now => now.Slo?.TargetMs == 77);

        var changed = await _local.SettingsAsync("words-1");
        Assert.Equal(settings with { Slo = changed.Slo, Batching = changed.Batching }, changed);
        Assert.Equal(("[1,2,3]", "[1,3]", "[16]"), await AskAsync(1, 2, 3));
    }

    [Fact]
    public async Task Padding_that_the_model_does_not_allow_is_a_condition_and_what_served_before_serves_on()
    {
        Write("batching: {buckets: [4], pad: {tokens: 10}}");
        await _local.StartAsync();
        await _local.UntilReadyAsync("words", 1);

        Write("batching: {buckets: [4], pad: {token: 10}}");
        await _local.UntilAsync(() => _local.Condition("words", "Stalled") is ("True", { } message) && message.Contains("padding.token: the model has no such input", StringComparison.Ordinal));
        Assert.Equal(("[1,2,3]", "[1,3]", "[16]"), await AskAsync(1, 2, 3));

        Write("batching: {buckets: [8], pad: {tokens: 10}}");
        await _local.UntilAsync(() => _local.Condition("words", "Stalled").Status is "False");
        await UntilSettingsAsync(now => now.Padding?["tokens"].Buckets is [8]);
        Assert.Equal(("[1,2,3]", "[1,3]", "[56]"), await AskAsync(1, 2, 3));
    }

    [Fact]
    public async Task Variants_answer_their_shares_which_move_while_the_same_replica_serves()
    {
        var twin = Convert.FromBase64String(CopyAndSum);
        await File.WriteAllBytesAsync(Path.Combine(_local.Folder, "twin.onnx"), twin);
        Write(Twin(share: null));
        await _local.StartAsync();
        await _local.UntilReadyAsync("words", 1);
        for (var i = 0; i < 10; i++)
        {
            await AskAsync(i);
        }

        Assert.Equal((10, 0), await AnsweredAsync());
        Write(Twin(share: 30));
        await UntilSettingsAsync(now => now.Serving?["twin"] == 30);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(($"[{i}]", "[1,1]", $"[{i}]"), await AskAsync(i));
        }

        Assert.Equal((17, 3), await AnsweredAsync());
        Assert.Equal("words-1", Assert.Single(_local.Workload("words")!.Replicas).Name);
    }

    [Fact]
    public async Task A_variant_whose_file_is_not_there_is_a_condition_that_names_it()
    {
        Write(Twin(share: 30));
        await _local.StartAsync();

        await _local.UntilAsync(() => _local.Condition("words", "ModelAccepted") is ("False", { } message)
            && message.StartsWith("variant 'twin': ", StringComparison.Ordinal) && message.EndsWith("twin.onnx: there is no such file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_replica_finds_a_ready_one_whose_cached_responses_its_token_opens()
    {
        Write("serving: {cache: {policy: SIEVE}}");
        await _local.StartAsync();
        await _local.UntilReadyAsync("words", 1);
        await AskAsync(1, 2, 3);

        Write("serving: {cache: {policy: SIEVE}}", replicas: 2);
        await _local.UntilReadyAsync("words", 2);

        var peer = Assert.Single(PrefetchPeersFile.Read(_local.ReadFile("words-2", PrefetchPeersFile.Name)));
        Assert.Equal(_local.Endpoints("words-1").Admin, peer);
        Assert.Empty(_local.ReadFile("words-1", PrefetchPeersFile.Name)); // It was the first.
        using var reply = await _local.AskAdminAsync("words-2", new Uri(peer, "/v1/cache"));
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.True((await reply.Content.ReadAsByteArrayAsync()).Length > 3 * sizeof(long), "the one response of three numbers");
    }

    [Theory]
    [InlineData("serving: {cache: {policy: None}}")]
    [InlineData("serving: {cache: {policy: SIEVE}}\nvariants: [{name: twin, model: {uri: \"file://words.onnx\"}}]")]
    public async Task Without_a_cache_or_with_variants_it_is_told_of_none(string spec)
    {
        Write(spec);
        await _local.StartAsync();
        await _local.UntilReadyAsync("words", 1);

        Write(spec, replicas: 2);
        await _local.UntilReadyAsync("words", 2);

        Assert.Empty(_local.ReadFile("words-2", PrefetchPeersFile.Name));
    }

    private static string Twin(int? share) => $"variants: [{{name: twin, model: {{uri: \"file://twin.onnx\"}}{(share is null ? "" : $", share: {share}")}}}]";

    private async Task<(double Full, double Twin)> AnsweredAsync()
    {
        var metrics = PrometheusTextParser.Parse(await _local.Client.GetStringAsync(new Uri(_local.Endpoints("words-1").Metrics, "/metrics"))).ToList();
        double Of(string variant) => metrics.Single(sample => sample.Name == MetricNames.VariantRequestsTotal && sample.Label(MetricLabels.Variant) == variant).Value;
        return (Of("full"), Of("twin"));
    }

    private void Write(string spec, int replicas = 1) => _local.Write("words.yaml", $"""
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata: {"{"}name: words{"}"}
        spec:
          model: {"{"}uri: "file://words.onnx"{"}"}
          scaling: {"{"}replicas: {replicas}{"}"}
          {spec.ReplaceLineEndings("\n  ")}

        """);

    // Looked at after each control step, for as many as there are in the patience of the other waits.
    private async Task UntilSettingsAsync(Func<RuntimeSettings, bool> hold)
    {
        for (var step = 0; step < 300; step++)
        {
            await _local.UntilAsync(() => true);
            if (hold(await _local.SettingsAsync("words-1")))
            {
                return;
            }
        }

        Assert.Fail($"the replica still has {await _local.SettingsAsync("words-1")}");
    }

    private async Task<(string Copy, string Shape, string Sum)> AskAsync(params long[] tokens)
    {
        var body = $$"""{"inputs":[{"name":"tokens","shape":[1,{{tokens.Length}}],"datatype":"INT64","data":[{{string.Join(',', tokens)}}]}]}""";
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await _local.Client.PostAsync(new Uri(_local.Host.Address, "/v2/models/words/infer"), content);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        var outputs = JsonNode.Parse(text)!["outputs"]!.AsArray();
        return (outputs[0]!["data"]!.ToJsonString(), outputs[0]!["shape"]!.ToJsonString(), outputs[1]!["data"]!.ToJsonString());
    }
}
