using System.Text;
using InferenceRuntime.Contract;
using InferenceRuntime.Load;
using InferenceRuntime.Tests.Commands;

namespace InferenceRuntime.Tests.Caching;

public sealed class PrefetchProcessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("prefetch").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_replica_answers_its_first_request_from_the_cache_of_its_peer(bool isInFile)
    {
        var token = Path.Combine(_folder, "token");
        var settings = Path.Combine(_folder, "settings.json");
        await File.WriteAllTextAsync(token, "s3cret");
        await File.WriteAllTextAsync(settings, """{"cache":{"policy":"Learned"}}""");
        string[] arguments = ["--model", ReplicaProcess.Model("digits-mlp.onnx"), "--settings", settings, "--admin-token-file", token];
        await using var first = await ReplicaProcess.StartAsync(arguments);
        var answer = await AskAsync(first);
        Assert.Equal(answer, await AskAsync(first));
        Assert.Equal(1, await ReadAsync(first, MetricNames.CacheHitsTotal));

        var peers = (Uri[])[new("http://127.0.0.1:1"), first.Admin];
        if (isInFile)
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, PrefetchPeersFile.Name), PrefetchPeersFile.Write(peers));
        }

        await using var second = await ReplicaProcess.StartAsync(
            [.. arguments, "--prefetch-time", "60s", .. isInFile ? [] : peers.SelectMany(static peer => (string[])["--prefetch-peer", peer.ToString()])]);

        Assert.Equal(1, await ReadAsync(second, MetricNames.CacheEntries));
        Assert.Equal(answer, await AskAsync(second));
        Assert.Equal(1, await ReadAsync(second, MetricNames.CacheHitsTotal));
        Assert.Equal(0, await ReadAsync(second, MetricNames.ExecutionsTotal));
    }

    [Fact]
    public async Task Peers_without_a_token_are_an_error_at_the_start()
    {
        var (code, errors, _) = await ReplicaProcess.FailAsync("--model", ReplicaProcess.Model("digits-mlp.onnx"), "--prefetch-peer", "http://127.0.0.1:1");

        Assert.NotEqual(0, code);
        Assert.Contains("--admin-token-file", errors, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(ReplicaProcess replica)
    {
        var json = $$"""{"inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","data":[{{string.Join(',', Enumerable.Repeat("0.5", 64))}}]}]}""";
        var request = $"POST /v2/models/digits-mlp/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {json.Length}\r\n\r\n{json}";
        using var connection = new HttpConnection(replica.Rest.Host, replica.Rest.Port);
        var reply = await connection.ExchangeAsync(Encoding.ASCII.GetBytes(request), CancellationToken.None);
        var text = Encoding.UTF8.GetString(reply.Body.Span);
        Assert.True(reply.Status == 200, text);
        return text;
    }

    private static async Task<double> ReadAsync(ReplicaProcess replica, string metric)
    {
        using var client = new HttpClient();
        return PrometheusTextParser.Parse(await client.GetStringAsync(new Uri(replica.Metrics, "/metrics"))).Single(s => s.Name == metric).Value;
    }
}
