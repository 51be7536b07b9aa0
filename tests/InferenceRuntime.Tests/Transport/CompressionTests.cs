using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Compression;

namespace InferenceRuntime.Tests.Transport;

public sealed class CompressionTests
{
    private static readonly ModelSignature Row = EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2]));
    private const string Good = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";
    private const string Answer = """{"model_name":"echo","model_version":"1","outputs":[{"name":"x_out","datatype":"FP32","shape":[1,2],"data":[1,2]}]}""";

    private static byte[] Pack(string coding, ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        using (Stream packing = coding == "gzip" ? new GZipStream(packed, CompressionLevel.Optimal) : new ZLibStream(packed, CompressionLevel.Optimal))
        {
            packing.Write(content);
        }

        return packed.ToArray();
    }

    private static byte[] Request(string coding, byte[] body, string headers = "") =>
        EchoServer.Request("POST", "/v2/models/echo/infer", $"Content-Encoding: {coding}\r\n{headers}", body);

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_packed_body_is_read_as_if_it_had_come_unpacked(string coding)
    {
        await using var server = await EchoServer.StartAsync(Row);
        const string Json = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""";

        var json = await server.SendAsync(Request(coding, Pack(coding, Encoding.UTF8.GetBytes(Good))));
        var binary = await server.SendAsync(Request(
            coding, Pack(coding, [.. Encoding.UTF8.GetBytes(Json), .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)]), $"Inference-Header-Content-Length: {Json.Length}\r\n"));

        Assert.Equal((200, Answer), (json.Status, json.Text));
        Assert.Equal((200, Answer), (binary.Status, binary.Text));
    }

    [Fact]
    public async Task Identity_is_a_coding_too()
    {
        await using var server = await EchoServer.StartAsync(Row);

        Assert.Equal(200, (await server.SendAsync(Request("identity", Encoding.UTF8.GetBytes(Good)))).Status);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip, gzip")]
    [InlineData("gzip\r\nContent-Encoding: gzip")]
    [InlineData("zstd")]
    [InlineData("*")]
    public async Task Another_coding_is_refused_and_the_known_ones_are_named(string coding)
    {
        await using var server = await EchoServer.StartAsync(Row);
        using var client = new HttpClient();
        using var content = new ByteArrayContent(Pack("gzip", Encoding.UTF8.GetBytes(Good)));
        content.Headers.TryAddWithoutValidation("Content-Encoding", coding.Split("\r\nContent-Encoding: "));

        using var reply = await client.PostAsync(new Uri(server.Url, "/v2/models/echo/infer"), content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, reply.StatusCode);
        Assert.Equal("gzip, deflate", string.Join(", ", reply.Headers.GetValues("Accept-Encoding")));
    }

    public static TheoryData<string, byte[]> Damaged => new()
    {
        { "gzip", [] },
        { "gzip", [1, 2, 3] },
        { "gzip", Encoding.UTF8.GetBytes(Good) },
        { "gzip", Pack("gzip", Encoding.UTF8.GetBytes(Good))[..^10] },
        { "gzip", Pack("deflate", Encoding.UTF8.GetBytes(Good)) },
        { "deflate", Pack("gzip", Encoding.UTF8.GetBytes(Good)) },
        { "deflate", Pack("deflate", Encoding.UTF8.GetBytes(Good))[..^10] },
        // A header that asks for a dictionary, which nobody agreed on.
        { "deflate", [0x78, 0xBB, 1, 2, 3, 4, .. Pack("deflate", Encoding.UTF8.GetBytes(Good))[2..]] },
        { "gzip", [.. Pack("gzip", Encoding.UTF8.GetBytes(Good))[..20], .. new byte[20]] },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public async Task A_damaged_body_is_refused(string coding, byte[] body)
    {
        await using var server = await EchoServer.StartAsync(Row);

        var reply = await server.SendAsync(Request(coding, body));

        Assert.Equal(400, reply.Status);
        Assert.Equal(200, (await server.InferAsync(Good)).Status);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task A_body_that_unpacks_beyond_the_limit_is_refused(string coding)
    {
        await using var server = await EchoServer.StartAsync(Row);
        // Twice the limit, and far below the ratio: three bytes of four repeat.
        var random = new Random(7);
        var content = new byte[2 * EchoServer.BodyBytesMax];
        for (var i = 0; i < content.Length; i += 4)
        {
            content[i] = (byte)random.Next(256);
        }

        var reply = await server.SendAsync(Request(coding, Pack(coding, content)));

        Assert.Equal(413, reply.Status);
    }

    [Fact]
    public void A_bomb_is_refused_long_before_the_limit()
    {
        var bomb = Pack("gzip", new byte[256 << 20]);
        using var buffer = new Scratch();
        var inflater = new BodyInflater(int.MaxValue, new BodyBudget(long.MaxValue));

        var fault = inflater.Inflate(ContentCoding.Gzip, bomb, buffer.Bytes);

        Assert.Equal(413, fault!.Status);
        Assert.InRange(buffer.Bytes.Length, 0, 4 << 20);
    }

    [Fact]
    public void A_bomb_within_a_bomb_stays_one_body()
    {
        var inner = Pack("gzip", new byte[64 << 20]);
        using var buffer = new Scratch();

        Assert.Null(new BodyInflater(int.MaxValue, new BodyBudget(long.MaxValue)).Inflate(ContentCoding.Gzip, Pack("gzip", inner), buffer.Bytes));

        Assert.Equal(inner, buffer.Bytes.Written.ToArray());
    }

    [Fact]
    public void What_comes_out_is_taken_from_the_budget()
    {
        var random = new Random(7);
        var content = new byte[100_000];
        random.NextBytes(content);
        using var buffer = new Scratch();
        var inflater = new BodyInflater(int.MaxValue, new BodyBudget(90_000));

        Assert.Equal(429, inflater.Inflate(ContentCoding.Gzip, Pack("gzip", content), buffer.Bytes)!.Status);
        Assert.InRange(buffer.Bytes.Length, 1, 90_000);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("gzip, deflate, br", "gzip")]
    [InlineData("deflate;q=0.5, gzip;q=0.4", "deflate")]
    [InlineData("gzip;q=0, deflate;q=0", "identity")]
    [InlineData("br", "identity")]
    [InlineData("*", "identity")]
    [InlineData("", "identity")]
    [InlineData("gzip;q=nonsense", "identity")]
    [InlineData("GZIP ; q=1.0", "gzip")]
    [InlineData(",,;;q=1,=,", "identity")]
    public void The_reply_goes_in_the_best_coding_that_the_client_takes(string header, string coding) =>
        Assert.Equal(coding, ContentCodings.Choose(header).Name());

    [Theory]
    [InlineData("gzip", false)]
    [InlineData("deflate", false)]
    [InlineData("gzip", true)]
    public async Task A_long_reply_goes_packed_to_those_who_take_it(string coding, bool binary)
    {
        await using var server = await EchoServer.StartAsync(Row);
        const int Rows = 20_000;
        var values = new byte[Rows * 8];
        using var client = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None });
        var json = $$"""{"inputs":[{"name":"x","shape":[{{Rows}},2],"datatype":"FP32","parameters":{"binary_data_size":{{values.Length}} } }],"parameters":{"binary_data_output":{{(binary ? "true" : "false")}} } }""";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Url, "/v2/models/echo/infer"))
        {
            Content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(json), .. values]) { Headers = { { "Inference-Header-Content-Length", $"{json.Length}" } } },
        };
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(coding));

        using var reply = await client.SendAsync(request);
        var packed = await reply.Content.ReadAsByteArrayAsync();

        Assert.Equal(coding, Assert.Single(reply.Content.Headers.ContentEncoding));
        Assert.Contains("Accept-Encoding", reply.Headers.Vary);
        Assert.InRange(packed.Length, 1, values.Length / 10);
        using Stream unpacking = coding == "gzip" ? new GZipStream(new MemoryStream(packed), CompressionMode.Decompress) : new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        await unpacking.CopyToAsync(unpacked);
        var whole = unpacked.ToArray();
        Assert.Equal(binary, reply.Headers.Contains("Inference-Header-Content-Length"));
        Assert.Equal((byte)'{', whole[0]);
        if (binary)
        {
            var jsonLength = int.Parse(reply.Headers.GetValues("Inference-Header-Content-Length").Single(), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(values, whole[jsonLength..]);
        }
    }

    [Fact]
    public async Task A_reply_that_would_not_shrink_goes_as_it_is()
    {
        await using var server = await EchoServer.StartAsync(Row);
        const int Rows = 20_000;
        var values = new byte[Rows * 8];
        new Random(7).NextBytes(values);
        var json = $$"""{"inputs":[{"name":"x","shape":[{{Rows}},2],"datatype":"FP32","parameters":{"binary_data_size":{{values.Length}} } }],"parameters":{"binary_data_output":true} }""";

        var reply = await server.InferAsync(json, values, $"Inference-Header-Content-Length: {json.Length}\r\nAccept-Encoding: gzip\r\n");
        var small = await server.InferAsync(Good, headers: "Accept-Encoding: gzip\r\n");

        Assert.Equal(values, reply.Body[^values.Length..]);
        Assert.Equal(Answer, small.Text);
    }

    /// <summary>A buffer that gives its memory back.</summary>
    private sealed class Scratch : IDisposable
    {
        public PooledBuffer Bytes { get; } = new();

        public void Dispose() => Bytes.Clear();
    }
}
