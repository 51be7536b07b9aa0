using System.Net.Sockets;
using System.Text;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Tests.Transport;

public sealed class UnreadRefusalTests
{
    private const int TensorBytes = 4 * InferenceEndpoint.UnreadMin;

    [Fact]
    public async Task While_the_queue_is_full_a_large_request_is_refused_before_its_tensors_are_read()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await SendHeadAsync(client, Json(), tensorBytesSent: 1000);

        var reply = await ReplyAsync(client);

        Assert.StartsWith("HTTP/1.1 429", reply);
        Assert.Contains("Retry-After: 3\r\n", reply);
        Assert.Null(server.Engine.Last);
    }

    [Fact]
    public async Task The_connection_goes_on_once_the_refused_tensors_have_come()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await SendHeadAsync(client, Json(), tensorBytesSent: 1000);
        Assert.StartsWith("HTTP/1.1 429", await ReplyAsync(client));
        await client.GetStream().WriteAsync(new byte[TensorBytes - 1000]);
        server.Engine.Full = null;

        await SendHeadAsync(client, Json(), TensorBytes);

        Assert.StartsWith("HTTP/1.1 200", await ReplyAsync(client));
    }

    [Theory]
    [InlineData(""","parameters":{"priority":1}""")]
    [InlineData(""","parameters":{"prior\u0069ty":1}""")]
    public async Task A_request_that_may_displace_another_is_read(string parameters)
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);

        await SendHeadAsync(client, Json(parameters), TensorBytes);

        Assert.StartsWith("HTTP/1.1 200", await ReplyAsync(client));
        Assert.Equal(1UL, server.Engine.Last!.Priority);
    }

    private static async Task<EchoServer> StartAsync()
    {
        var server = await EchoServer.StartAsync(EchoEngine.Model(batched: false, ("x", Datatype.UInt8, [-1])));
        server.Engine.Full = new InferenceOutcome.QueueFull(TimeSpan.FromSeconds(2.5));
        return server;
    }

    private static string Json(string parameters = "") =>
        $$$"""{"inputs":[{"name":"x","shape":[{{{TensorBytes}}}],"datatype":"UINT8","parameters":{"binary_data_size":{{{TensorBytes}}}}}],"outputs":[] {{{parameters}}} }""";

    private static async Task<TcpClient> ConnectAsync(EchoServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Url.Host, server.Url.Port);
        return client;
    }

    private static async Task SendHeadAsync(TcpClient client, string json, int tensorBytesSent)
    {
        var head = $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nInference-Header-Content-Length: {json.Length}\r\nContent-Length: {json.Length + TensorBytes}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + json));
        await client.GetStream().WriteAsync(new byte[tensorBytesSent]);
    }

    /// <summary>The head of the next reply, and what of its body came with it.</summary>
    private static async Task<string> ReplyAsync(TcpClient client)
    {
        var buffer = new byte[64 * 1024];
        var read = await client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        return Encoding.ASCII.GetString(buffer, 0, read);
    }
}
