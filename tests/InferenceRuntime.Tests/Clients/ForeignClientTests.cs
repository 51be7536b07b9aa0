using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using InferenceOperator.Testing.Servers;
using InferenceRuntime.Tests.Commands;

namespace InferenceRuntime.Tests.Clients;

/// <summary>The program as clients see it that nobody here wrote: curl, and the fetch of a JavaScript engine.</summary>
public sealed class ForeignClientTests : IDisposable
{
    private const string Model = "digits-mlp";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string Values = string.Join(',', Enumerable.Repeat("0.5", 64));
    private static readonly string Json = $$"""{"id":"c1","inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","data":[{{Values}}]}]}""";
    private const string BinaryJson =
        """{"inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","parameters":{"binary_data_size":256}}],"parameters":{"binary_data_output":true}}""";

    private static readonly byte[] Binary = [.. Encoding.ASCII.GetBytes(BinaryJson), .. Enumerable.Repeat(BitConverter.GetBytes(0.5f), 64).SelectMany(static b => b)];

    private readonly TemporaryFolder _folder = new();
    private readonly CertificateAuthority _authority = new("clients");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [ProgramFact("curl")]
    public async Task Curl_reads_JSON_binary_and_packed_replies_that_agree()
    {
        await using var replica = await ReplicaProcess.StartAsync("--model", ReplicaProcess.Model($"{Model}.onnx"), "--drain-delay", "0s");
        var infer = new Uri(replica.Rest, $"/v2/models/{Model}/infer").ToString();
        await File.WriteAllBytesAsync(_folder.File("binary"), Binary);
        await File.WriteAllBytesAsync(_folder.File("packed"), Gzip(Encoding.ASCII.GetBytes(Json)));

        var json = Scores(await CurlAsync("-d", Json, infer));
        var packed = Scores(await CurlAsync("--compressed", "-H", "Content-Encoding: gzip", "--data-binary", "@" + _folder.File("packed"), infer));
        await CurlAsync(
            "-H", $"Inference-Header-Content-Length: {BinaryJson.Length}", "--data-binary", "@" + _folder.File("binary"),
            "-D", _folder.File("head"), "-o", _folder.File("reply"), infer);

        var jsonLength = int.Parse(
            (await File.ReadAllLinesAsync(_folder.File("head"))).Single(static l => l.StartsWith("Inference-Header-Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1],
            System.Globalization.CultureInfo.InvariantCulture);
        var tensor = (await File.ReadAllBytesAsync(_folder.File("reply")))[jsonLength..];
        var binary = Enumerable.Range(0, tensor.Length / 4).Select(i => (double)BitConverter.ToSingle(tensor, 4 * i)).ToList();
        Assert.Equal(10, json.Count);
        Assert.Equal(json, packed);
        Assert.All(json.Zip(binary), static pair => Assert.Equal(pair.First, pair.Second, precision: 4));
    }

    [ProgramFact("curl")]
    public async Task Curl_gets_what_load_tools_ask_for()
    {
        await using var replica = await ReplicaProcess.StartAsync("--model", ReplicaProcess.Model($"{Model}.onnx"), "--instances", "2", "--drain-delay", "0s");
        for (var i = 0; i < 3; i++)
        {
            await CurlAsync("-d", Json, new Uri(replica.Rest, $"/v2/models/{Model}/infer").ToString());
        }

        using var config = JsonDocument.Parse(await CurlAsync(new Uri(replica.Rest, $"/v2/models/{Model}/config").ToString()));
        using var stats = JsonDocument.Parse(await CurlAsync(new Uri(replica.Rest, $"/v2/models/{Model}/versions/1/stats").ToString()));
        using var index = JsonDocument.Parse(await CurlAsync("-X", "POST", new Uri(replica.Rest, "/v2/repository/index").ToString()));

        Assert.Equal(32, config.RootElement.GetProperty("max_batch_size").GetInt32());
        Assert.Equal(2, config.RootElement.GetProperty("instance_group")[0].GetProperty("count").GetInt32());
        var model = stats.RootElement.GetProperty("model_stats")[0];
        Assert.Equal(3, model.GetProperty("inference_count").GetInt32());
        Assert.Equal(3, model.GetProperty("inference_stats").GetProperty("success").GetProperty("count").GetInt32());
        Assert.True(model.GetProperty("inference_stats").GetProperty("compute_infer").GetProperty("ns").GetInt64() > 0);
        Assert.Equal("READY", index.RootElement[0].GetProperty("state").GetString());
    }

    [ProgramFact("curl")]
    public async Task Curl_is_let_in_with_a_certificate_and_a_token_and_only_so()
    {
        var (certificate, key) = _authority.IssueServer("127.0.0.1");
        var client = _authority.IssueClient("curl", []);
        var ca = _folder.Write("ca.pem", _authority.Pem);
        string[] own = ["--cacert", ca, "--cert", _folder.Write("client.pem", client.Certificate), "--key", _folder.Write("client.key", client.Key)];
        await using var replica = await ReplicaProcess.StartAsync(
            "--model", ReplicaProcess.Model($"{Model}.onnx"), "--drain-delay", "0s", "--token-file", _folder.Write("tokens", "one\ntwo\n"),
            "--tls-cert", _folder.Write("tls.pem", certificate), "--tls-key", _folder.Write("tls.key", key), "--tls-client-ca", ca);
        var infer = new Uri(replica.Rest, $"/v2/models/{Model}/infer").ToString();

        var answered = await CurlAsync([.. own, "-H", "Authorization: Bearer two", "-d", Json, infer]);
        var noToken = await CurlAsync([.. own, "-o", _folder.File("refusal"), "-w", "%{http_code}", "-d", Json, infer]);
        var health = await CurlAsync([.. own, new Uri(replica.Rest, "/v2/health/ready").ToString()]);
        var (noCertificate, _, _) = await RunAsync("curl", "-s", "--cacert", ca, infer);
        var (unknownRoot, _, _) = await RunAsync("curl", "-s", infer);

        Assert.Equal(Uri.UriSchemeHttps, replica.Rest.Scheme);
        Assert.Equal(10, Scores(answered).Count);
        Assert.Equal("401", noToken);
        Assert.Equal("{\"ready\":true}", health);
        Assert.NotEqual(0, noCertificate);
        Assert.Equal(60, unknownRoot);
    }

    [ProgramFact("node")]
    public async Task A_browsers_fetch_sends_JSON_and_binary_and_reads_both()
    {
        await using var replica = await ReplicaProcess.StartAsync(
            "--model", ReplicaProcess.Model($"{Model}.onnx"), "--drain-delay", "0s", "--cors-origin", "https://app.example");
        const string Script = """
            const [infer, json, binaryJson] = process.argv.slice(1);
            const headers = { Origin: 'https://app.example', 'Content-Type': 'application/json' };
            const first = await (await fetch(infer, { method: 'POST', headers, body: json })).json();
            const head = new TextEncoder().encode(binaryJson);
            const body = new Uint8Array(head.length + 256);
            body.set(head);
            body.set(new Uint8Array(new Float32Array(64).fill(0.5).buffer), head.length);
            const second = await fetch(infer, { method: 'POST', headers: { ...headers, 'Inference-Header-Content-Length': head.length }, body });
            const at = Number(second.headers.get('inference-header-content-length'));
            const scores = new Float32Array((await second.arrayBuffer()).slice(at));
            const rows = 64;
            const many = { inputs: [{ name: 'pixels', shape: [rows, 64], datatype: 'FP32', data: new Array(rows * 64).fill(0.5) }] };
            const third = await fetch(infer, { method: 'POST', headers, body: JSON.stringify(many) });
            const wrong = await fetch(infer, { method: 'POST', headers, body: '{}' });
            console.log(JSON.stringify({
              id: first.id, same: first.outputs[0].data.every((v, i) => Math.abs(v - scores[i]) < 1e-4), count: scores.length,
              origin: second.headers.get('access-control-allow-origin'), packed: third.headers.get('content-encoding'),
              values: (await third.json()).outputs[0].data.length, refused: wrong.status, error: (await wrong.json()).error,
            }));
            """;

        var (code, output, errors) = await RunAsync(
            "node", "--input-type=module", "-e", Script, new Uri(replica.Rest, $"/v2/models/{Model}/infer").ToString(), Json, BinaryJson);

        Assert.Equal("", errors);
        Assert.Equal(0, code);
        Assert.Equal(
            """{"id":"c1","same":true,"count":10,"origin":"https://app.example","packed":"gzip","values":640,"refused":400,"error":"inputs: missing"}""",
            output.TrimEnd());
    }

    private static List<double> Scores(string reply)
    {
        using var document = JsonDocument.Parse(reply);
        return [.. document.RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(static e => e.GetDouble())];
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var packing = new GZipStream(packed, CompressionLevel.Optimal))
        {
            packing.Write(content);
        }

        return packed.ToArray();
    }

    private static async Task<string> CurlAsync(params string[] arguments)
    {
        var (code, output, errors) = await RunAsync("curl", ["-sS", "--max-time", "30", .. arguments]);
        Assert.True(code == 0, errors);
        return output;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await errors);
    }
}
