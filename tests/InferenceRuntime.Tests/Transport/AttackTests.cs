using System.Net.Sockets;
using System.Text;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace InferenceRuntime.Tests.Transport;

/// <summary>The classes of attack that other inference servers fell to, each on a real port.</summary>
public sealed class AttackTests
{
    private const string Good = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";
    private const string Chunked = "POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ModelSignature Row = EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2]));

    [Theory]
    [InlineData(150_000, "HTTP/1.1 400 ")]
    [InlineData(2_000_000, "HTTP/1.1 413 ")]
    public async Task A_flood_of_tiny_chunks_is_a_body_like_another(int chunks, string status)
    {
        await using var server = await EchoServer.StartAsync(Row);
        var flood = string.Concat(Enumerable.Repeat("1\r\n \r\n", chunks));

        var reply = await TalkAsync(server, $"{Chunked.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal)}{flood}0\r\n\r\n");

        // A client that is cut off while it sends may not get to read why.
        Assert.True(reply.StartsWith(status, StringComparison.Ordinal) || (reply.Length == 0 && chunks > 1_000_000), reply);
        await AssertServesAsync(server);
    }

    [Theory]
    [InlineData("ffffffffffffffff")]
    [InlineData("7fffffffffffffff")]
    [InlineData("80000000")]
    [InlineData("-1")]
    [InlineData("0x10")]
    [InlineData("")]
    public async Task A_chunk_size_that_lies_reserves_nothing(string size)
    {
        await using var server = await EchoServer.StartAsync(Row);
        var before = GC.GetTotalAllocatedBytes();

        var reply = await TalkAsync(server, $"{Chunked}{size}\r\nabc", finish: true);

        Assert.DoesNotContain(" 200 ", reply, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 16 << 20);
        await AssertServesAsync(server);
    }

    [Fact]
    public async Task A_declared_length_reserves_no_more_than_is_trusted()
    {
        await using var server = await EchoServer.StartAsync(Row);
        using var sockets = new Sockets();
        var before = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < 8; i++)
        {
            await sockets.Open(server).SendAsync(Encoding.ASCII.GetBytes($"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {EchoServer.BodyBytesMax}\r\n\r\n{{"));
        }

        await AssertServesAsync(server);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, (8 * RequestBody.TrustedLength) + (16 << 20));
    }

    public static TheoryData<string> Shapes =>
    [
        "4294967296,4294967296", "9223372036854775807,9223372036854775807", "2,4611686018427387904", "0,9223372036854775807",
        "9223372036854775807,0", "-1,2", "-9223372036854775808,2", "3037000500,3037000500", "1e3,2", "1.0,2", "18446744073709551617,2", "1,2,1,1,1,1,1,1",
    ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_shape_whose_product_overflows_reserves_nothing(string shape)
    {
        var open = EchoEngine.Model(batched: false, ("x", Datatype.Fp32, [-1, -1]));
        var call = new InferCall(new ServedModel(open));
        foreach (var content in (string[])["\"data\":[1,2]", "\"parameters\":{\"binary_data_size\":8}", "\"parameters\":{\"binary_data_size\":0}"])
        {
            var body = Encoding.ASCII.GetBytes($$"""{"inputs":[{"name":"x","shape":[{{shape}}],"datatype":"FP32",{{content}}}]}""");
            var before = GC.GetAllocatedBytesForCurrentThread();

            var fault = InferRequestParser.Parse((byte[])[.. body, .. new byte[content.Contains('8', StringComparison.Ordinal) ? 8 : 0]], body.Length, call);

            var zeroIsHonest = shape.Contains(",0", StringComparison.Ordinal) || shape.StartsWith("0,", StringComparison.Ordinal);
            Assert.True(fault is not null || (zeroIsHonest && call.Bytes == 0), content);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
            call.Clear();
        }
    }

    [Fact]
    public async Task A_slow_body_is_given_up()
    {
        await using var server = await StartAsync(static o => o with { BodyRateMin = new MinDataRate(bytesPerSecond: 10_000, gracePeriod: TimeSpan.FromSeconds(1.1)) });

        var reply = await TalkAsync(server, $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {Good.Length}\r\n\r\n{Good[..20]}");

        Assert.StartsWith("HTTP/1.1 408 ", reply, StringComparison.Ordinal);
        Assert.Contains("too slowly", reply, StringComparison.Ordinal);
        await AssertServesAsync(server);
    }

    [Theory]
    [InlineData("POST /v2/models/echo/infer HTT")]
    [InlineData("POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nX-Slow: ")]
    public async Task Slow_headers_are_given_up(string head)
    {
        await using var server = await StartAsync(static o => o with { HeaderTimeMax = TimeSpan.FromSeconds(1) });

        var reply = await TalkAsync(server, head);

        Assert.StartsWith("HTTP/1.1 408 ", reply, StringComparison.Ordinal);
        await AssertServesAsync(server);
    }

    public static TheoryData<string, string> Headers => new()
    {
        { string.Concat(Enumerable.Range(0, 150).Select(static i => $"X-{i}: 1\r\n")), "431" },
        { $"X-Long: {new string('a', 20_000)}\r\n", "431" },
        { $"Content-Length: {Good.Length}\r\nContent-Length: {Good.Length - 1}\r\n", "400" },
        { $"Content-Length: {Good.Length}, {Good.Length}\r\n", "400" },
        { "Content-Length: 99999999999999999999\r\n", "400" },
        { "Content-Length: -1\r\n", "400" },
        { $"Content-Length: {Good.Length}\r\nTransfer-Encoding: chunked\r\n", "400" },
        { "Transfer-Encoding: chunked, identity\r\n", "400" },
        { "Transfer-Encoding: gzip\r\n", "400" },
        { $"Content-Length : {Good.Length}\r\n", "400" },
        { $"X-Null: a\0b\r\nContent-Length: {Good.Length}\r\n", "400" },
        { $"X-Fold: a\r\n b\r\nContent-Length: {Good.Length}\r\n", "400" },
        { $"Host: y\r\nContent-Length: {Good.Length}\r\n", "400" },
        { "", "411" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task Headers_that_lie_or_swell_are_refused_and_the_connection_ends(string headers, string status)
    {
        await using var server = await EchoServer.StartAsync(Row);

        var reply = await TalkAsync(server, $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\n{headers}\r\n{Good}");

        // Without any length there is no body, which is refused as such.
        Assert.StartsWith(status == "411" ? "HTTP/1.1 4" : $"HTTP/1.1 {status} ", reply, StringComparison.Ordinal);
        Assert.DoesNotContain(" 200 ", reply, StringComparison.Ordinal);
        await AssertServesAsync(server);
    }

    [Theory]
    [InlineData("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG")]
    [InlineData("Content-Length: 0\r\nContent-Length: 44\r\n\r\n")]
    public async Task A_request_hidden_in_another_is_never_answered(string lengths)
    {
        await using var server = await EchoServer.StartAsync(Row);

        var reply = await TalkAsync(server, $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\n{lengths}GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.DoesNotContain("live", reply, StringComparison.Ordinal);
        Assert.Equal(1, reply.Split("HTTP/1.1 ").Length - 1);
    }

    [Theory]
    [InlineData("+70")]
    [InlineData("-70")]
    [InlineData("7_0")]
    [InlineData("0x46")]
    [InlineData("70 0")]
    [InlineData("70,70")]
    [InlineData("7e1")]
    [InlineData("")]
    [InlineData("00000000000000000000000070")]
    public async Task A_length_that_is_not_all_digits_is_refused_and_the_connection_ends(string length)
    {
        await using var server = await EchoServer.StartAsync(Row);

        var reply = await TalkAsync(server, $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{Good}");

        Assert.StartsWith("HTTP/1.1 400 ", reply, StringComparison.Ordinal);
        Assert.DoesNotContain("outputs", reply, StringComparison.Ordinal);
        await AssertServesAsync(server);
    }

    [Theory]
    [InlineData("70")]
    [InlineData("070")]
    [InlineData("70 ")]
    [InlineData("\t 70")]
    public async Task A_length_of_digits_is_taken_with_white_space_round_it(string length)
    {
        await using var server = await EchoServer.StartAsync(Row);

        var reply = await TalkAsync(server, $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{Good}");

        Assert.Equal(70, Good.Length);
        Assert.StartsWith("HTTP/1.1 200 ", reply, StringComparison.Ordinal);
    }

    public static TheoryData<string> HostileJson =>
    [
        $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1e{{new string('9', 50_000)}},2]}]}""",
        $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[{{new string('9', 200_000)}},2]}]}""",
        $$"""{"inputs":[{"name":"x","shape":[{{new string('1', 100_000)}},2],"datatype":"FP32","data":[1,2]}]}""",
        """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[NaN,2]}]}""",
        """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[-Infinity,2]}]}""",
        """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":["NaN",2]}]}""",
        """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[nan,2]}]}""",
        """{"inputs":[{"name":"x\u0000","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""",
        """{"inputs":[{"name":"/etc/passwd","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""",
        $$"""{"inputs":[{"name":"{{new string('n', 500_000)}}","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""",
        string.Concat(Enumerable.Repeat("{\"inputs\":", 50_000)),
        new string('[', 900_000),
        "{\"a\":" + new string('[', 101) + new string(']', 101) + "," + Good[1..],
        "{" + string.Concat(Enumerable.Range(0, 40_000).Select(static i => $"\"k{i}\":0,")) + "\"inputs\":[]}",
        "{\"inputs\":[" + string.Concat(Enumerable.Repeat("{},", 100_000)) + "{}]}",
        "{\"id\":\"\\ud800\"," + Good[1..] + "}",
    ];

    [Theory]
    [MemberData(nameof(HostileJson))]
    public async Task Hostile_JSON_is_refused_in_few_words_and_little_memory(string body)
    {
        await using var server = await EchoServer.StartAsync(Row);
        await AssertServesAsync(server);
        var request = EchoServer.InferRequest(body);
        var call = new InferCall(new ServedModel(Row));
        var bytes = Encoding.UTF8.GetBytes(body);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = InferRequestParser.Parse(bytes, null, call);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        var reply = await server.SendAsync(request);

        Assert.NotNull(fault);
        Assert.InRange(allocated, 0, (64 << 10) + (4L * bytes.Length));
        Assert.Equal(400, reply.Status);
        ErrorText.Read(reply.Body);
        await AssertServesAsync(server);
    }

    [Theory]
    [InlineData("/v2/models/%00/infer")]
    [InlineData("/v2/models/echo%00/infer")]
    [InlineData("/v2/models/%ff%fe/infer")]
    [InlineData("/v2/models/%2e%2e/infer")]
    [InlineData("/v2/models/..%2f..%2fetc/infer")]
    [InlineData("/v2/models/../../etc/passwd")]
    [InlineData("/v2/models/echo/versions/-1/infer")]
    [InlineData("/v2/models/echo/versions/99999999999999999999/infer")]
    [InlineData("/v2/models/%3Cscript%3E/infer")]
    public async Task A_hostile_path_finds_nothing_and_is_not_repeated_whole(string path)
    {
        await using var server = await EchoServer.StartAsync(Row);

        var reply = await TalkAsync(server, $"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 4", reply, StringComparison.Ordinal);
        var body = reply[(reply.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (body.Length > 0)
        {
            ErrorText.Read(Encoding.UTF8.GetBytes(body));
        }
    }

    [Fact]
    public async Task More_bodies_than_the_budget_holds_are_told_to_come_again()
    {
        await using var server = await EchoServer.StartAsync(Row);
        using var sockets = new Sockets();
        var part = Encoding.ASCII.GetBytes(
            $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {EchoServer.BodyBytesMax}\r\n\r\n{new string(' ', EchoServer.BodyBytesMax - 1)}");
        var open = Enumerable.Range(0, 12).Select(_ => sockets.Open(server)).ToList();
        await Task.WhenAll(open.Select(s => s.SendAsync(part)));

        // Eight fit the budget; of twelve, at least one hears so while the others wait for their last byte.
        var first = await await Task.WhenAny(open.Select(static async s =>
        {
            var buffer = new byte[1024];
            return Encoding.ASCII.GetString(buffer, 0, await s.ReceiveAsync(buffer));
        })).WaitAsync(Patience);

        Assert.StartsWith("HTTP/1.1 429 ", first, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 1", first, StringComparison.Ordinal);
    }

    private static Task<EchoServer> StartAsync(Func<EndpointOptions, EndpointOptions> adjust)
    {
        var engine = new EchoEngine(Row);
        return EchoServer.StartAsync(engine, new SingleModel(engine), new RestOptions(), adjust);
    }

    private static async Task AssertServesAsync(EchoServer server) => Assert.Equal(200, (await server.InferAsync(Good)).Status);

    /// <summary>Sends the text and reads until the server closes.</summary>
    /// <param name="finish">Says that nothing more will come.</param>
    private static async Task<string> TalkAsync(EchoServer server, string request, bool finish = false)
    {
        using var sockets = new Sockets();
        var socket = sockets.Open(server);
        var sending = SendAsync(socket, Encoding.Latin1.GetBytes(request), finish);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (var length = -1; length != 0;)
            {
                length = await socket.ReceiveAsync(buffer).WaitAsync(Patience);
                text.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (SocketException)
        {
            // A reset is the end as well.
        }

        socket.Dispose();
        await sending.WaitAsync(Patience);
        return text.ToString();
    }

    private static async Task SendAsync(Socket socket, byte[] request, bool finish)
    {
        try
        {
            await socket.SendAsync(request);
            if (finish)
            {
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server would not hear the rest.
        }
    }

    /// <summary>Connections that are closed together.</summary>
    private sealed class Sockets : IDisposable
    {
        private readonly List<Socket> _open = [];

        public Socket Open(EchoServer server)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            _open.Add(socket);
            socket.Connect(server.Url.Host, server.Url.Port);
            return socket;
        }

        public void Dispose() => _open.ForEach(static s => s.Dispose());
    }
}
