using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Tests.Transport;

public sealed class BadInputTests
{
    private static readonly ModelSignature Model = EchoEngine.Model(
        batched: true, ("x", Datatype.Fp32, [-1, 2]), ("n", Datatype.Int8, [-1]), ("s", Datatype.Bytes, [-1]));

    private const string X = """{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}""";
    private const string N = """{"name":"n","shape":[1],"datatype":"INT8","data":[1]}""";
    private const string S = """{"name":"s","shape":[1],"datatype":"BYTES","data":["a"]}""";
    private const string Good = $$"""{"inputs":[{{X}},{{N}},{{S}}]}""";

    public static TheoryData<string, string> Bodies => new()
    {
        { "", "empty" },
        { " ", "line 1" },
        { "null", "object" },
        { "[]", "object" },
        { "{", "line 1" },
        { "{}", "inputs" },
        { Good + "x", "line 1" },
        { Good[..^1], "line 1" },
        { "{\n\"inputs\":[,]}", "line 2" },
        { "{\"inputs\":{}}", "inputs" },
        { "{\"inputs\":null}", "inputs" },
        { "{\"inputs\":[]}", "'x'" },
        { "{\"inputs\":[1]}", "inputs[0]" },
        { $$"""{"inputs":[{{X}},{{N}}]}""", "'s'" },
        { $$"""{"inputs":[{{X}},{{N}},{{S}},{{X}}]}""", "inputs[3].name" },
        { $$"""{"inputs":[{{X}},{{N}},{{S}}],"inputs":[]}""", "inputs" },
        { $$"""{"id":7,"inputs":[{{X}},{{N}},{{S}}]}""", "id" },
        { $$"""{"id":"a","id":"b","inputs":[{{X}},{{N}},{{S}}]}""", "id" },
        { $$"""{"id":"{{new string('a', 5000)}}","inputs":[{{X}},{{N}},{{S}}]}""", "id" },
        { $$"""{"parameters":[],"inputs":[{{X}},{{N}},{{S}}]}""", "parameters" },
        { $$"""{"parameters":{"timeout":-1},"inputs":[{{X}},{{N}},{{S}}]}""", "parameters.timeout" },
        { $$"""{"parameters":{"timeout":"1"},"inputs":[{{X}},{{N}},{{S}}]}""", "parameters.timeout" },
        { $$"""{"parameters":{"timeout":1.5},"inputs":[{{X}},{{N}},{{S}}]}""", "parameters.timeout" },
        { $$"""{"parameters":{"timeout":9223372036854775808},"inputs":[{{X}},{{N}},{{S}}]}""", "parameters.timeout" },
        { $$"""{"parameters":{"priority":-1},"inputs":[{{X}},{{N}},{{S}}]}""", "parameters.priority" },
        { $$"""{"parameters":{"priority":"1"},"inputs":[{{X}},{{N}},{{S}}]}""", "parameters.priority" },
        { $$"""{"parameters":{"priority":18446744073709551616},"inputs":[{{X}},{{N}},{{S}}]}""", "parameters.priority" },
        { $$"""{"parameters":{"binary_data_output":1},"inputs":[{{X}},{{N}},{{S}}]}""", "parameters.binary_data_output" },
        { "{\"parameters\":{" + string.Join(',', Enumerable.Range(0, 65).Select(static i => $"\"p{i}\":1")) + "},\"inputs\":[]}", "parameters" },
        { $$"""{"outputs":{},"inputs":[{{X}},{{N}},{{S}}]}""", "outputs" },
        { $$"""{"outputs":[3],"inputs":[{{X}},{{N}},{{S}}]}""", "outputs[0]" },
        { $$"""{"outputs":[{}],"inputs":[{{X}},{{N}},{{S}}]}""", "outputs[0].name" },
        { $$"""{"outputs":[{"name":1}],"inputs":[{{X}},{{N}},{{S}}]}""", "outputs[0].name" },
        { $$"""{"outputs":[{"name":"y"}],"inputs":[{{X}},{{N}},{{S}}]}""", "'y'" },
        { $$"""{"outputs":[{"name":"x_out"},{"name":"x_out"}],"inputs":[{{X}},{{N}},{{S}}]}""", "outputs[1].name" },
        { $$"""{"outputs":[{"name":"x_out","parameters":{"binary_data":"yes"} }],"inputs":[{{X}},{{N}},{{S}}]}""", "outputs[0].parameters.binary_data" },
        { $$"""{"outputs":[{"name":"x_out","parameters":{"classification":3} }],"inputs":[{{X}},{{N}},{{S}}]}""", "classification" },
        { $$"""{"inputs":[{{X.Replace("\"x\"", "\"z\"", StringComparison.Ordinal)}}]}""", "'z'" },
        { $$"""{"inputs":[{{X.Replace("\"x\"", "null", StringComparison.Ordinal)}}]}""", "inputs[0].name" },
        { $$"""{"inputs":[{{X.Replace("\"name\":\"x\",", "", StringComparison.Ordinal)}}]}""", "inputs[0].name" },
        { $$"""{"inputs":[{{X.Replace("\"name\"", "\"name\":\"x\",\"name\"", StringComparison.Ordinal)}}]}""", "inputs[0].name" },
        { $$"""{"inputs":[{{X.Replace("\"datatype\":\"FP32\",", "", StringComparison.Ordinal)}}]}""", "datatype" },
        { $$"""{"inputs":[{{X.Replace("FP32", "FP64", StringComparison.Ordinal)}}]}""", "datatype" },
        { $$"""{"inputs":[{{X.Replace("FP32", "fp32", StringComparison.Ordinal)}}]}""", "datatype" },
        { $$"""{"inputs":[{{X.Replace("\"FP32\"", "32", StringComparison.Ordinal)}}]}""", "datatype" },
        { $$"""{"inputs":[{{X.Replace("\"shape\":[1,2],", "", StringComparison.Ordinal)}}]}""", "shape" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "2,", StringComparison.Ordinal)}}]}""", "shape" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[2],", StringComparison.Ordinal)}}]}""", "shape" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[1,2,1],", StringComparison.Ordinal)}}]}""", "shape" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[1,3],", StringComparison.Ordinal)}}]}""", "shape" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[-1,2],", StringComparison.Ordinal)}}]}""", "shape[0]" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[0,2],", StringComparison.Ordinal)}}]}""", "shape[0]" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[1.0,2],", StringComparison.Ordinal)}}]}""", "shape[0]" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[9223372036854775807,2],", StringComparison.Ordinal)}}]}""", "shape" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[4611686018427387904,2],", StringComparison.Ordinal)}}]}""", "shape" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", "[1000000000,2],", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("[1,2],", $"[{string.Join(',', Enumerable.Repeat(1, 40))}],", StringComparison.Ordinal)}}]}""", "shape" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":1", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[1]", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[1,2,3]", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[[1],[2]]", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[[1,2],[]]", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[[[1,2]]]", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[1,[2]]", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[1,\"2\"]", StringComparison.Ordinal)}}]}""", "element 1" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[1,null]", StringComparison.Ordinal)}}]}""", "element 1" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[1,1e39]", StringComparison.Ordinal)}}]}""", "'x'.data: element 1" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[1,NaN]", StringComparison.Ordinal)}}]}""", "line 1" },
        { $$"""{"inputs":[{{X.Replace(",\"data\":[1,2]", "", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\":[1,2]", "\"data\":[1,2],\"data\":[1,2]", StringComparison.Ordinal)}}]}""", "data" },
        { $$"""{"inputs":[{{X.Replace("\"data\"", "\"parameters\":{\"binary_data_size\":8},\"data\"", StringComparison.Ordinal)}}]}""", "both" },
        { $$"""{"inputs":[{{X.Replace("\"data\"", "\"parameters\":7,\"data\"", StringComparison.Ordinal)}}]}""", "parameters" },
        { $$"""{"inputs":[{{X.Replace("\"data\"", "\"parameters\":{\"shared_memory_region\":\"r\"},\"data\"", StringComparison.Ordinal)}}]}""", "shared_memory_region" },
        { $$"""{"inputs":[{{X}},{{N.Replace("[1]}", "[128]}", StringComparison.Ordinal)}}]}""", "'n'.data: element 0" },
        { $$"""{"inputs":[{{X}},{{N.Replace("[1]}", "[1.5]}", StringComparison.Ordinal)}}]}""", "'n'.data: element 0" },
        { $$"""{"inputs":[{{X}},{{N.Replace("\"shape\":[1]", "\"shape\":[2]", StringComparison.Ordinal)}}]}""", "2 rows" },
        { $$"""{"inputs":[{{X}},{{N}},{{S.Replace("[\"a\"]", "[1]", StringComparison.Ordinal)}}]}""", "'s'.data: element 0" },
        { $$"""{"inputs":[{{X}},{{N}},{{S.Replace("[\"a\"]", "[\"\\ud800\"]", StringComparison.Ordinal)}}]}""", "escape" },
        { "{\"inputs\":" + new string('[', 200) + new string(']', 200) + "}", "inputs[0]" },
        { "{\"more\":" + new string('[', 200) + new string(']', 200) + "}", "100" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_is_refused_by_name_and_the_server_goes_on(string body, string names)
    {
        await using var server = await EchoServer.StartAsync(Model);

        var reply = await server.InferAsync(body);

        await AssertRefusedAsync(server, 400, names, reply);
    }

    public static TheoryData<string, int, string> BinaryParts => new()
    {
        { """{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":9}}""", 8, "binary_data_size" },
        { """{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":-8}}""", 8, "binary_data_size" },
        { """{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":"8"}}""", 8, "binary_data_size" },
        { """{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8,"binary_data_size":8}}""", 8, "binary_data_size" },
        { """{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":9223372036854775807}}""", 8, "binary_data_size" },
        { """{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":4}}""", 4, "binary_data_size" },
        { """{"name":"x","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":8}}""", 8, "binary_data_size" },
        { """{"name":"x","shape":[2305843009213693952,2],"datatype":"FP32","parameters":{"binary_data_size":8}}""", 8, "'x'" },
        { """{"name":"s","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":8}}""", 8, "'s'" },
        { """{"name":"s","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":3}}""", 3, "'s'" },
        { """{"name":"s","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":0}}""", 0, "'s'" },
    };

    [Theory]
    [MemberData(nameof(BinaryParts))]
    public async Task Binary_lengths_that_lie_are_refused(string input, int bytes, string names)
    {
        await using var server = await EchoServer.StartAsync(Model);
        var binary = new byte[bytes];
        if (bytes >= 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(binary, uint.MaxValue);
        }

        await AssertRefusedAsync(server, 400, names, await server.InferAsync($$"""{"inputs":[{{input}}]}""", binary));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("9999999")]
    [InlineData("99999999999999999999")]
    [InlineData("ten")]
    [InlineData("1e2")]
    [InlineData(" ")]
    [InlineData("5\r\nInference-Header-Content-Length: 5")]
    public async Task A_bad_header_length_is_refused(string value)
    {
        await using var server = await EchoServer.StartAsync(Model);

        var reply = await server.InferAsync(Good, headers: $"Inference-Header-Content-Length: {value}\r\n");

        await AssertRefusedAsync(server, 400, "Inference-Header-Content-Length", reply);
    }

    [Fact]
    public async Task Bytes_after_the_last_tensor_are_refused()
    {
        await using var server = await EchoServer.StartAsync(Model);

        await AssertRefusedAsync(server, 400, "3 bytes more", await server.InferAsync(Good, [1, 2, 3]));
    }

    [Fact]
    public async Task JSON_that_is_not_UTF8_is_refused()
    {
        await using var server = await EchoServer.StartAsync(Model);

        var reply = await server.SendAsync(EchoServer.Request("POST", "/v2/models/echo/infer", body: [(byte)'{', (byte)'"', 0xC3, (byte)'"', (byte)'}']));

        await AssertRefusedAsync(server, 400, "UTF-8", reply);
    }

    [Fact]
    public async Task A_declared_length_above_the_limit_is_refused_unread()
    {
        await using var server = await EchoServer.StartAsync(Model);

        var reply = await server.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {EchoServer.BodyBytesMax + 1}\r\n\r\n"));

        await AssertRefusedAsync(server, 413, "longer", reply);
    }

    [Fact]
    public async Task A_chunked_body_above_the_limit_is_refused()
    {
        await using var server = await EchoServer.StartAsync(Model);
        var chunk = new string(' ', 64 * 1024);

        var reply = await server.SendAsync(Encoding.ASCII.GetBytes(
            "POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + string.Concat(Enumerable.Repeat($"10000\r\n{chunk}\r\n", 17)) + "0\r\n\r\n"));

        await AssertRefusedAsync(server, 413, "longer", reply);
    }

    [Fact]
    public async Task A_broken_chunk_is_refused()
    {
        await using var server = await EchoServer.StartAsync(Model);

        var reply = await server.SendAsync("POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"u8.ToArray());

        await AssertRefusedAsync(server, 400, "chunks", reply);
    }

    [Fact]
    public async Task A_body_that_ends_early_harms_nobody_else()
    {
        await using var server = await EchoServer.StartAsync(Model);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Url.Host, server.Url.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {Good.Length}\r\n\r\n{Good[..20]}"));
        socket.Shutdown(SocketShutdown.Send);

        Assert.DoesNotContain(" 200 ", await ReadToEndAsync(socket), StringComparison.Ordinal);
        Assert.Equal(200, (await server.InferAsync(Good)).Status);
    }

    /// <summary>What the server still says; a reset is the end as well.</summary>
    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        try
        {
            for (var length = -1; length != 0;)
            {
                length = await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30));
                text.Append(Encoding.ASCII.GetString(buffer, 0, length));
            }
        }
        catch (SocketException)
        {
            // The end.
        }

        return text.ToString();
    }

    private static async Task AssertRefusedAsync(EchoServer server, int status, string names, (int Status, string Text, byte[] Body) reply)
    {
        Assert.Equal(status, reply.Status);
        using var document = JsonDocument.Parse(reply.Text);
        var error = document.RootElement.GetProperty("error").GetString()!;
        Assert.Contains(names, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("/", error.Replace("HTTP/1.1", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(200, (await server.InferAsync(Good)).Status);
    }
}
