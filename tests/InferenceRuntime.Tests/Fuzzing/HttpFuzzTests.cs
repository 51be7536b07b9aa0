using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Fuzzing;

/// <summary>Routes × verbs × headers × bodies, as bytes on a socket of a real port.</summary>
public sealed class HttpFuzzTests(ITestOutputHelper output)
{
    private const string Good = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";
    private const string Infer = "/v2/models/echo/infer";

    private static readonly string[] Verbs = ["GET", "POST", "POST", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "CONNECT", "get", "P\0ST", "", "QUERY"];

    private static readonly string[] Paths =
    [
        Infer, Infer, Infer, "/", "/v2", "/v2/", "/v2/health/live", "/v2/health/ready", "/v2/models/echo", "/v2/models/echo/ready", "/v2/models/echo/config", "/v2/models/echo/stats",
        "/v2/models/stats", "/v2/models/echo/versions/1/infer", "/v2/models/echo/versions/9/infer", "/v2/models/none/infer", "/v2/repository/index",
        "/v2/repository/models/echo/load", "/v2/repository/models/echo/unload", "/v2/models/echo/generate", "/v2/systemsharedmemory/status", "/v2/trace/setting", "/v2/logging", "*",
        "http://other.example/v2", "//", "/v2/models/%2e%2e/infer", "/v2?x=1", "/v2/models/echo/infer?a=%00", "no-slash",
    ];

    private static readonly string[] Headers =
    [
        "Content-Type: application/json", "Content-Type: application/octet-stream", "Accept-Encoding: gzip", "Accept-Encoding: gzip;q=x, deflate", "Origin: https://app.example",
        "Origin: null", "Access-Control-Request-Method: POST", "Authorization: Bearer x", "Expect: 100-continue", "Expect: 200-ok", "Connection: upgrade", "Upgrade: h2c",
        "Inference-Header-Content-Length: 0", "Inference-Header-Content-Length: 71", "Inference-Header-Content-Length: -1", "Inference-Header-Content-Length: 99999999999",
        "Content-Encoding: gzip", "Content-Encoding: deflate", "Content-Encoding: br", "Content-Encoding: identity", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip",
        "Content-Length: 5", "Content-Length: abc", "Range: bytes=0-1", "If-Match: *", "TE: trailers", "X-Content-Length: 3", "Bad Header: 1", "NoColon", "Cookie: a=b; c", "X-\u00ff: \u00fe",
    ];

    private static readonly string[] Bodies =
    [
        Good, Good, "", "{}", "[]", "{\"ready\":true}", "{\"parameters\":{\"config\":\"x\"}}", "null", "{\"inputs\":[", "\0\0\0\0",
        """{"id":"7","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"parameters":{"binary_data_output":true}}""",
    ];

    [Fact]
    public async Task Whatever_the_bytes_are_the_port_answers_or_closes_and_serves_on()
    {
        var engine = new EchoEngine(EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2])));
        await using var server = await EchoServer.StartAsync(
            engine, new SingleModel(engine), new RestOptions { ModelControl = true, CrossOrigin = new CrossOrigin(["https://app.example"]) },
            static o => o with { KeepAlive = TimeSpan.FromSeconds(1), HeaderTimeMax = TimeSpan.FromSeconds(1), BodyRateMin = new MinDataRate(bytesPerSecond: 10_000, gracePeriod: TimeSpan.FromSeconds(1.1)) });
        var statuses = new int[600];

        var cases = await new FuzzRun(output, "HTTP").RunAsync(6_000, atOnce: 128, async random =>
        {
            foreach (var status in Statuses(await TalkAsync(server, Draw(random))))
            {
                Interlocked.Increment(ref statuses[status]);
            }
        });

        output.WriteLine(string.Join(", ", statuses.Select(static (count, status) => (count, status)).Where(static s => s.count > 0).Select(static s => $"{s.count} × {s.status}")));
        Assert.Equal(200, (await server.InferAsync(Good)).Status);
        Assert.Equal(0, server.Metrics.InFlight);
        Assert.True(cases < 1000 || (statuses[200] > 0 && statuses[400] > 0 && statuses[404] > 0 && statuses[405] > 0 && statuses[415] > 0));
    }

    private static byte[] Draw(Random random)
    {
        var body = Encoding.UTF8.GetBytes(Bodies[random.Next(Bodies.Length)]);
        var headers = new List<string>();
        for (var count = random.Next(4); count > 0; count--)
        {
            headers.Add(Headers[random.Next(Headers.Length)]);
        }

        if (headers.Contains("Content-Encoding: gzip") && random.Next(3) > 0)
        {
            using var packed = new MemoryStream();
            using (var packing = new GZipStream(packed, CompressionLevel.Fastest))
            {
                packing.Write(body);
            }

            body = packed.ToArray();
        }

        if (headers.Contains("Transfer-Encoding: chunked"))
        {
            body = [.. Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), .. body, .. random.Next(4) > 0 ? "\r\n0\r\n\r\n"u8 : "zz\r\n"u8];
        }
        else if (random.Next(8) > 0)
        {
            headers.Add(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length + (random.Next(20) == 0 ? random.Next(-2, 3) : 0)}"));
        }

        var verb = Verbs[random.Next(Verbs.Length)];
        var path = Paths[random.Next(Paths.Length)];
        var version = random.Next(30) > 0 ? "HTTP/1.1" : ((string[])["HTTP/1.0", "HTTP/2.0", "HTTP/9", "http/1.1", ""])[random.Next(5)];
        var head = $"{verb} {path} {version}\r\n{(random.Next(20) > 0 ? "Host: x\r\n" : "")}{(random.Next(30) > 0 ? "Connection: close\r\n" : "")}{string.Concat(headers.Select(static h => $"{h}\r\n"))}\r\n";
        byte[] request = [.. Encoding.Latin1.GetBytes(head), .. body];
        for (var flips = random.Next(5) == 0 ? random.Next(1, 4) : 0; flips > 0; flips--)
        {
            request[random.Next(request.Length)] = (byte)random.Next(256);
        }

        return request;
    }

    /// <summary>The statuses of the replies; fails for one that no client's fault deserves, and for an error text that tells too much.</summary>
    private static IEnumerable<int> Statuses(byte[] replies)
    {
        var text = Encoding.Latin1.GetString(replies);
        for (var at = text.IndexOf("HTTP/1.1 ", StringComparison.Ordinal); at >= 0; at = text.IndexOf("HTTP/1.1 ", at + 9, StringComparison.Ordinal))
        {
            var status = int.Parse(text.AsSpan(at + 9, 3), CultureInfo.InvariantCulture);
            // 501 and 505 name what the protocol has and this server has not: a load with a configuration, another version of HTTP.
            Assert.True(status is (>= 100 and < 500) or 501 or 505, text);
            var end = text.IndexOf("\r\n\r\n", at, StringComparison.Ordinal);
            if (status >= 400 && end > 0 && text.IndexOf("{\"error\":", end, StringComparison.Ordinal) == end + 4)
            {
                ErrorText.Read(replies.AsMemory(end + 4, text.IndexOf("\"}", end, StringComparison.Ordinal) + 2 - end - 4));
            }

            yield return status;
        }
    }

    private static async Task<byte[]> TalkAsync(EchoServer server, byte[] request)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Url.Host, server.Url.Port);
        var replies = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            await socket.SendAsync(request);
            for (var length = -1; length != 0;)
            {
                length = await socket.ReceiveAsync(buffer);
                replies.Write(buffer, 0, length);
            }
        }
        catch (SocketException)
        {
            // A reset is an answer too.
        }

        return replies.ToArray();
    }
}
