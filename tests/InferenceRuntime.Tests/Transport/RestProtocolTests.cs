using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Tests.Transport;

public sealed class RestProtocolTests
{
    private static readonly ModelSignature Row = EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2]));
    private const string Good = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";

    [Theory]
    [InlineData("GET", "/v2", 200, "\"extensions\":[\"binary_tensor_data\",\"model_configuration\",\"schedule_policy\",\"statistics\"]")]
    [InlineData("GET", "/v2/health/live", 200, "{\"live\":true}")]
    [InlineData("GET", "/v2/health/ready", 200, "{\"ready\":true}")]
    [InlineData("GET", "/v2/models/echo", 200, "\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,2]}]")]
    [InlineData("GET", "/v2/models/echo/versions/1", 200, "\"versions\":[\"1\"]")]
    [InlineData("GET", "/v2/models/echo/ready", 200, "\"ready\":true")]
    [InlineData("GET", "/v2/models/echo/versions/1/ready", 200, "\"ready\":true")]
    [InlineData("GET", "/v2/models/other", 404, "no model 'other'")]
    [InlineData("GET", "/v2/models/echo/versions/2", 404, "version 1 only")]
    [InlineData("POST", "/v2/models/other/infer", 404, "no model 'other'")]
    [InlineData("POST", "/v2/models/echo/versions/7/infer", 404, "version 1 only")]
    [InlineData("GET", "/v2/models/echo/infer", 405, "only POST")]
    [InlineData("PUT", "/v2/models/echo/infer", 405, "only POST")]
    [InlineData("POST", "/v2", 405, "only GET")]
    [InlineData("DELETE", "/v2/health/live", 405, "only GET")]
    [InlineData("GET", "/", 404, "nothing")]
    [InlineData("GET", "/v2/models/", 404, "nothing")]
    [InlineData("GET", "/v2/models/echo/infer/more", 404, "nothing")]
    [InlineData("GET", "/v2/models/echo/versions//infer", 404, "nothing")]
    [InlineData("GET", "/v2/models/echo/config", 200, "\"max_batch_size\":32")]
    [InlineData("GET", "/v2/models/echo/versions/1/config", 200, "\"dims\":[2]")]
    [InlineData("POST", "/v2/models/echo/config", 405, "only GET")]
    [InlineData("GET", "/v2/models/other/config", 404, "no model 'other'")]
    [InlineData("GET", "/v2/models/stats", 200, "{\"model_stats\":[{\"name\":\"echo\",\"version\":\"1\",\"last_inference\":0,")]
    [InlineData("GET", "/v2/models/echo/stats", 200, "\"inference_stats\":{\"success\":{\"count\":0,\"ns\":0}")]
    [InlineData("GET", "/v2/models/echo/versions/1/stats", 200, "\"batch_stats\":[]")]
    [InlineData("GET", "/v2/models/other/stats", 404, "no model 'other'")]
    [InlineData("POST", "/v2/models/stats", 405, "only GET")]
    [InlineData("POST", "/v2/repository/index", 200, "[{\"name\":\"echo\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}]")]
    [InlineData("GET", "/v2/repository/index", 405, "only POST")]
    [InlineData("POST", "/v2/repository/models/echo/load", 403, "--model-control")]
    [InlineData("POST", "/v2/repository/models/echo/unload", 403, "--model-control")]
    [InlineData("GET", "/v2/repository/models/echo/load", 405, "only POST")]
    [InlineData("POST", "/v2/repository/models/echo", 404, "nothing")]
    [InlineData("POST", "/v2/repository/models//load", 404, "nothing")]
    public async Task Each_path_and_verb_has_its_answer(string method, string path, int status, string contains)
    {
        await using var server = await EchoServer.StartAsync(Row);

        var reply = await server.SendAsync(EchoServer.Request(method, path, body: method == "GET" ? null : []));

        Assert.Equal(status, reply.Status);
        Assert.Contains(contains, reply.Text, StringComparison.Ordinal);
        JsonDocument.Parse(reply.Text).Dispose();
    }

    [Theory]
    [InlineData("[1,2,3,4]")]
    [InlineData("[[1,2],[3,4]]")]
    [InlineData("[ [ 1.0 , 2e0 ] , [ 0.3e1, 4 ] ]")]
    public async Task Data_may_be_flat_or_nested(string data)
    {
        await using var server = await EchoServer.StartAsync(Row);

        var reply = await server.InferAsync($$"""{"id":"q\n1","inputs":[{"data":{{data}},"datatype":"FP32","name":"x","shape":[2,2]}]}""");

        Assert.Equal(
            """{"id":"q\n1","model_name":"echo","model_version":"1","outputs":[{"name":"x_out","datatype":"FP32","shape":[2,2],"data":[1,2,3,4]}]}""",
            reply.Text);
        Assert.Equal(2, server.Engine.Last!.Rows);
        Assert.Equal(16, server.Engine.Last.Bytes);
        Assert.Equal(1, server.Engine.Releases);
    }

    [Fact]
    public async Task Every_datatype_goes_through_JSON_unchanged()
    {
        var signature = EchoEngine.Model(
            batched: false,
            ("bool", Datatype.Bool, [2]), ("u8", Datatype.UInt8, [2]), ("u16", Datatype.UInt16, [2]), ("u32", Datatype.UInt32, [2]),
            ("u64", Datatype.UInt64, [2]), ("i8", Datatype.Int8, [2]), ("i16", Datatype.Int16, [2]), ("i32", Datatype.Int32, [2]),
            ("i64", Datatype.Int64, [2]), ("f32", Datatype.Fp32, [4]), ("f64", Datatype.Fp64, [2]), ("bytes", Datatype.Bytes, [3]));
        var data = new Dictionary<string, string>
        {
            ["bool"] = "[true,false]",
            ["u8"] = "[0,255]",
            ["u16"] = "[0,65535]",
            ["u32"] = "[0,4294967295]",
            ["u64"] = "[0,18446744073709551615]",
            ["i8"] = "[-128,127]",
            ["i16"] = "[-32768,32767]",
            ["i32"] = "[-2147483648,2147483647]",
            ["i64"] = "[-9223372036854775808,9223372036854775807]",
            ["f32"] = "[3.4028235E+38,-0,1E-45,0.1]",
            ["f64"] = "[1.7976931348623157E+308,5E-324]",
            ["bytes"] = """["","ä\"\\","\u0000"]""",
        };
        await using var server = await EchoServer.StartAsync(signature);

        var reply = await server.InferAsync($"{{\"inputs\":[{string.Join(',', signature.Inputs.Select(
            i => $"{{\"name\":\"{i.Name}\",\"shape\":[{i.Shape[0]}],\"datatype\":\"{i.Datatype.WireName()}\",\"data\":{data[i.Name]}}}"))}]}}");

        Assert.Equal(200, reply.Status);
        foreach (var (name, text) in data)
        {
            Assert.Contains($"\"name\":\"{name}_out\"", reply.Text, StringComparison.Ordinal);
            Assert.Contains($"\"data\":{text}", reply.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Not_a_number_and_infinities_go_out_as_bare_tokens()
    {
        await using var server = await EchoServer.StartAsync(Row);
        var values = new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1 }.SelectMany(BitConverter.GetBytes).ToArray();

        var reply = await server.InferAsync("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}]}""", values);

        Assert.Contains("\"data\":[NaN,Infinity,-Infinity,1]", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_and_binary_inputs_and_outputs_mix()
    {
        var signature = EchoEngine.Model(batched: true, ("a", Datatype.Int64, [-1, 1]), ("b", Datatype.Bytes, [-1]), ("c", Datatype.Fp16, [-1, 2]));
        await using var server = await EchoServer.StartAsync(signature);
        byte[] texts = [3, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0];
        byte[] halves = [1, 2, 3, 4, 5, 6, 7, 8];

        var reply = await server.InferAsync(
            """
            {"inputs":[{"name":"c","shape":[2,2],"datatype":"FP16","parameters":{"binary_data_size":8}},
            {"name":"a","shape":[2,1],"datatype":"INT64","data":[[-7],[9]]},
            {"name":"b","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":11}}],
            "outputs":[{"name":"c_out"},{"name":"a_out","parameters":{"binary_data":false}},{"name":"b_out","parameters":{"binary_data":true}}],
            "parameters":{"binary_data_output":true}}
            """,
            [.. halves, .. texts]);

        Assert.Equal(200, reply.Status);
        Assert.Equal([.. texts, .. halves], reply.Body[^19..]);
        Assert.Contains("\"name\":\"a_out\",\"datatype\":\"INT64\",\"shape\":[2,1],\"data\":[-7,9]", reply.Text, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"b_out\",\"datatype\":\"BYTES\",\"shape\":[2],\"parameters\":{\"binary_data_size\":11}", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_raw_body_is_the_single_input()
    {
        await using var server = await EchoServer.StartAsync(EchoEngine.Model(batched: true, ("x", Datatype.Int16, [-1, -1, 2])));
        byte[] body = [1, 0, 2, 0, 3, 0, 4, 0];

        var reply = await server.SendAsync(EchoServer.Request("POST", "/v2/models/echo/infer", "Inference-Header-Content-Length: 0\r\n", body));

        Assert.Equal(200, reply.Status);
        Assert.Contains("\"shape\":[1,2,2],\"parameters\":{\"binary_data_size\":8}", reply.Text, StringComparison.Ordinal);
        Assert.Equal(body, reply.Body[^8..]);
    }

    [Fact]
    public async Task Only_the_outputs_that_are_asked_for_come_back()
    {
        await using var server = await EchoServer.StartAsync(EchoEngine.Model(batched: true, ("a", Datatype.Bool, [-1]), ("b", Datatype.Bool, [-1])));

        var reply = await server.InferAsync(
            """{"inputs":[{"name":"a","shape":[1],"datatype":"BOOL","data":[true]},{"name":"b","shape":[1],"datatype":"BOOL","data":[false]}],"outputs":[{"name":"b_out"}]}""");

        Assert.Equal(0b10UL, server.Engine.Last!.OutputsWanted);
        Assert.EndsWith("\"outputs\":[{\"name\":\"b_out\",\"datatype\":\"BOOL\",\"shape\":[1],\"data\":[false]}]}", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_reply_comes_whole_in_both_forms()
    {
        await using var server = await EchoServer.StartAsync(EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 40_000])));
        var values = Enumerable.Range(0, 40_000).SelectMany(static i => BitConverter.GetBytes(i / 8f)).ToArray();
        const string Json = """{"inputs":[{"name":"x","shape":[1,40000],"datatype":"FP32","parameters":{"binary_data_size":160000}}],"parameters":{"binary_data_output":BINARY}}""";

        var binary = await server.InferAsync(Json.Replace("BINARY", "true", StringComparison.Ordinal), values);
        var json = await server.InferAsync(Json.Replace("BINARY", "false", StringComparison.Ordinal), values);

        Assert.Equal(values, binary.Body[^values.Length..]);
        using var document = JsonDocument.Parse(json.Text);
        var back = document.RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().SelectMany(static e => BitConverter.GetBytes(e.GetSingle()));
        Assert.Equal(values, back.ToArray());
    }

    [Fact]
    public async Task A_chunked_body_in_tiny_pieces_is_put_together()
    {
        await using var server = await EchoServer.StartAsync(Row);
        var chunks = string.Concat(Good.Select(static c => $"1\r\n{c}\r\n"));

        var reply = await server.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n"));

        Assert.Equal(200, reply.Status);
    }

    [Fact]
    public async Task Requests_sent_without_waiting_are_answered_in_their_order()
    {
        const int Requests = 20;
        await using var server = await EchoServer.StartAsync(Row);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Url.Host, server.Url.Port);
        var sent = Enumerable.Range(0, Requests).SelectMany(static i => EchoServer.InferRequest(Good.Replace("[1,2]}", $"[{i},2]}}", StringComparison.Ordinal)));

        using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
        await socket.SendAsync(sent.Concat(EchoServer.Request("GET", "/v2", "Connection: close\r\n")).ToArray());
        var replies = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(
            Enumerable.Range(0, Requests).Select(static i => $"[{i},2]"),
            replies.Split("\"data\":").Skip(1).Select(static r => r[..(r.IndexOf(']', StringComparison.Ordinal) + 1)]));
    }

    [Fact]
    public async Task A_timeout_becomes_the_deadline()
    {
        await using var server = await EchoServer.StartAsync(Row);

        await server.InferAsync(Good.Replace("\"inputs\"", "\"parameters\":{\"timeout\":2000000},\"inputs\"", StringComparison.Ordinal));

        var request = server.Engine.Last!;
        Assert.Equal(TimeSpan.FromSeconds(2), TimeProvider.System.GetElapsedTime(request.ArrivedAt, request.DeadlineAt));
        Assert.InRange(request.ReadAt, request.ArrivedAt, long.MaxValue);
    }

    public static TheoryData<string, int, string> Outcomes => new()
    {
        { "full", 429, "queue is full" },
        { "expired", 504, "timeout" },
        { "draining", 503, "draining" },
        { "refused", 400, "the graph says no" },
        { "failed", 500, "failed" },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task What_the_engine_answers_becomes_a_status(string outcome, int status, string contains)
    {
        await using var server = await EchoServer.StartAsync(Row);
        server.Engine.Answer = _ => outcome switch
        {
            "full" => new InferenceOutcome.QueueFull(TimeSpan.FromSeconds(2.1)),
            "expired" => new InferenceOutcome.Expired(),
            "draining" => new InferenceOutcome.Draining(),
            "refused" => new InferenceOutcome.Refused("the graph says no"),
            _ => new InferenceOutcome.Failed(),
        };
        using var client = new HttpClient { BaseAddress = server.Url };

        using var reply = await client.PostAsync(new Uri("/v2/models/echo/infer", UriKind.Relative), new StringContent(Good));

        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Contains(contains, await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(outcome == "full" ? TimeSpan.FromSeconds(3) : null, reply.Headers.RetryAfter?.Delta);
        Assert.Equal(status == 503, reply.Headers.ConnectionClose ?? false);
    }

    [Fact]
    public async Task A_leaving_replica_serves_on_but_says_so_and_a_draining_one_refuses()
    {
        await using var server = await EchoServer.StartAsync(Row);
        using var client = new HttpClient { BaseAddress = server.Url };

        server.Lifecycle.MoveTo(ReplicaPhase.Leaving);
        using var answered = await client.PostAsync(new Uri("/v2/models/echo/infer", UriKind.Relative), new StringContent(Good));
        using var ready = await client.GetAsync(new Uri("/v2/health/ready", UriKind.Relative));
        server.Lifecycle.MoveTo(ReplicaPhase.Draining);
        using var refused = await client.PostAsync(new Uri("/v2/models/echo/infer", UriKind.Relative), new StringContent(Good));

        Assert.Equal(200, (int)answered.StatusCode);
        Assert.True(answered.Headers.ConnectionClose);
        Assert.Equal(503, (int)ready.StatusCode);
        Assert.Equal(503, (int)refused.StatusCode);
        Assert.True(refused.Headers.ConnectionClose);
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_its_request()
    {
        await using var server = await EchoServer.StartAsync(Row);
        var gate = new TaskCompletionSource();
        server.Engine.Gate = gate.Task;
        using (var connection = new InferenceRuntime.Load.HttpConnection(server.Url.Host, server.Url.Port))
        {
            var exchange = connection.ExchangeAsync(EchoServer.InferRequest(Good), CancellationToken.None).AsTask();
            await server.Engine.Arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
            connection.Abort();
            await Assert.ThrowsAnyAsync<Exception>(() => exchange);
        }

        gate.SetResult();
        server.Engine.Gate = Task.CompletedTask;

        Assert.Equal(200, (await server.InferAsync(Good)).Status);
    }
}
