using System.Text;
using System.Text.Json;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Load;
using InferenceRuntime.Transport;

namespace InferenceRuntime.Tests.Transport;

/// <summary>Several models and versions behind one REST port.</summary>
public sealed class RepositoryTests
{
    private const string Row = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";
    private const string Number = """{"inputs":[{"name":"n","shape":[1],"datatype":"INT8","data":[7]}]}""";

    private static EchoEngine Engine(string name, string version, params (string Name, Datatype Datatype, long[] Shape)[] tensors) =>
        new(EchoEngine.Model(batched: true, tensors) with { Name = name, Version = version });

    private static async Task<(EchoServer Server, FakeRepository Repository)> StartAsync(bool control = true)
    {
        var repository = new FakeRepository();
        var rows = Engine("rows", "1", ("x", Datatype.Fp32, [-1, 2]));
        repository.Add("rows", 1, rows);
        repository.Add("rows", 2, Engine("rows", "2", ("x", Datatype.Fp32, [-1, 2])));
        repository.Add("rows", 3, null);
        repository.Add("numbers", 7, Engine("numbers", "7", ("n", Datatype.Int8, [-1])));
        repository.Add("slow", 1, null);
        return (await EchoServer.StartAsync(rows, repository, new RestOptions { ModelControl = control }), repository);
    }

    private static byte[] Infer(string path, string body) => EchoServer.InferRequest(body, path: $"/v2/models/{path}/infer");

    [Fact]
    public async Task Requests_of_one_connection_reach_the_models_and_versions_that_they_name()
    {
        var (server, _) = await StartAsync();
        await using var _1 = server;
        using var connection = new HttpConnection(server.Url.Host, server.Url.Port);
        foreach (var (path, body, answers) in (IEnumerable<(string, string, string)>)
        [
            ("rows", Row, "\"model_version\":\"2\""), ("rows/versions/1", Row, "\"model_version\":\"1\""),
            ("numbers", Number, "\"model_name\":\"numbers\""), ("rows", Row, "\"model_version\":\"2\""),
            ("numbers/versions/7", Number, "\"data\":[7]"), ("rows/versions/2", Row, "\"model_version\":\"2\""),
        ])
        {
            var reply = await connection.ExchangeAsync(Infer(path, body), CancellationToken.None);

            Assert.Equal(200, reply.Status);
            Assert.Contains(answers, Encoding.UTF8.GetString(reply.Body.Span), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("GET", "/v2/models/rows", 200, "\"versions\":[\"1\",\"2\"]")]
    [InlineData("GET", "/v2/models/rows/versions/1", 200, "\"versions\":[\"1\",\"2\"]")]
    [InlineData("GET", "/v2/models/rows/versions/3", 503, "being loaded")]
    [InlineData("GET", "/v2/models/rows/versions/9", 404, "version 1, 2, 3 only")]
    [InlineData("GET", "/v2/models/rows/versions/3/ready", 503, "{\"name\":\"rows\",\"ready\":false}")]
    [InlineData("GET", "/v2/models/rows/versions/2/ready", 200, "{\"name\":\"rows\",\"ready\":true}")]
    [InlineData("GET", "/v2/models/slow/ready", 503, "{\"name\":\"slow\",\"ready\":false}")]
    [InlineData("POST", "/v2/models/slow/infer", 503, "being loaded")]
    [InlineData("GET", "/v2/models/none/ready", 404, "no model 'none'")]
    [InlineData("GET", "/v2", 200, "\"model_repository\"")]
    public async Task Each_version_answers_for_itself(string method, string path, int status, string contains)
    {
        var (server, _) = await StartAsync();
        await using var _1 = server;

        var reply = await server.SendAsync(EchoServer.Request(method, path, body: method == "GET" ? null : []));

        Assert.Equal(status, reply.Status);
        Assert.Contains(contains, reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData("{}", 5)]
    [InlineData("{\"ready\":false}", 5)]
    [InlineData("{\"ready\":true,\"more\":[1]}", 3)]
    public async Task The_index_lists_every_version_or_those_that_are_ready(string body, int entries)
    {
        var (server, _) = await StartAsync();
        await using var _1 = server;

        var reply = await server.SendAsync(EchoServer.Request("POST", "/v2/repository/index", body: Encoding.UTF8.GetBytes(body)));

        Assert.Equal(200, reply.Status);
        using var index = JsonDocument.Parse(reply.Text);
        Assert.Equal(entries, index.RootElement.GetArrayLength());
        Assert.Equal(
            entries - 3, index.RootElement.EnumerateArray().Count(static e => e.GetProperty("state").GetString() == "LOADING" && e.GetProperty("reason").GetString()!.Length > 0));
    }

    [Theory]
    [InlineData("/v2/repository/index", "[]", 400)]
    [InlineData("/v2/repository/index", "{\"ready\":1}", 400)]
    [InlineData("/v2/repository/index", "{\"ready\":true", 400)]
    [InlineData("/v2/repository/index", "{\"a\":\"\\ud800\",\"\\ud800\":1}", 400)]
    [InlineData("/v2/repository/models/rows/load", "{\"parameters\":[]}", 400)]
    [InlineData("/v2/repository/models/rows/load", "{\"parameters\":{\"config\":\"{}\"}}", 501)]
    [InlineData("/v2/repository/models/rows/load", "{\"parameters\":{\"file:1/model.onnx\":\"AAAA\"}}", 501)]
    [InlineData("/v2/repository/models/rows/load", "{\"parameters\":{\"unload_dependents\":true}}", 200)]
    [InlineData("/v2/repository/models/none/load", "", 404)]
    [InlineData("/v2/repository/models/none/unload", "", 404)]
    public async Task The_bodies_of_repository_requests_are_checked(string path, string body, int status)
    {
        var (server, _) = await StartAsync();
        await using var _1 = server;

        Assert.Equal(status, (await server.SendAsync(EchoServer.Request("POST", path, body: Encoding.UTF8.GetBytes(body)))).Status);
    }

    [Fact]
    public async Task A_repository_request_that_is_too_long_is_refused()
    {
        var (server, _) = await StartAsync();
        await using var _1 = server;

        Assert.Equal(413, (await server.SendAsync(EchoServer.Request("POST", "/v2/repository/index", body: new byte[70_000]))).Status);
    }

    [Fact]
    public async Task An_unloaded_model_is_gone_from_every_route()
    {
        var (server, _) = await StartAsync();
        await using var _1 = server;
        using var connection = new HttpConnection(server.Url.Host, server.Url.Port);
        Assert.Equal(200, (await connection.ExchangeAsync(Infer("rows", Row), CancellationToken.None)).Status);

        var unloaded = await server.SendAsync(EchoServer.Request("POST", "/v2/repository/models/rows/unload", body: []));

        Assert.Equal((200, "{}"), (unloaded.Status, unloaded.Text));
        Assert.Equal(404, (await connection.ExchangeAsync(Infer("rows", Row), CancellationToken.None)).Status);
        Assert.Equal(404, (await server.SendAsync(EchoServer.Request("GET", "/v2/models/rows"))).Status);
    }

    [Fact]
    public async Task What_the_repository_answers_to_a_change_becomes_a_status()
    {
        var (server, repository) = await StartAsync();
        await using var _1 = server;
        foreach (var (answer, status, contains) in (IEnumerable<(RepositoryChange, int, string)>)
            [(new RepositoryChange.Refused("the file is damaged"), 400, "the file is damaged"), (new RepositoryChange.Fixed(), 501, "fixed"), (new RepositoryChange.Done(), 200, "{}")])
        {
            repository.Answer = answer;

            var reply = await server.SendAsync(EchoServer.Request("POST", "/v2/repository/models/rows/load", body: []));

            Assert.Equal(status, reply.Status);
            Assert.Contains(contains, reply.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_request_whose_version_was_replaced_before_it_could_enter_is_answered_by_the_next()
    {
        var (server, repository) = await StartAsync();
        await using var _1 = server;
        var next = Engine("rows", "2", ("x", Datatype.Fp32, [-1, 2]), ("n", Datatype.Fp32, [-1, 2]));
        var replaced = Engine("rows", "2", ("x", Datatype.Fp32, [-1, 2]));
        replaced.Answer = _ =>
        {
            repository.Add("rows", 2, next);
            return new InferenceOutcome.Draining();
        };
        repository.Add("rows", 2, replaced);

        // The next has another signature, and judges the request by it.
        var refused = await server.SendAsync(Infer("rows", Row));
        Assert.Equal(400, refused.Status);
        Assert.Contains("inputs", refused.Text, StringComparison.Ordinal);

        replaced.Answer = _ =>
        {
            repository.Add("rows", 2, Engine("rows", "2", ("x", Datatype.Fp32, [-1, 2])));
            return new InferenceOutcome.Draining();
        };
        repository.Add("rows", 2, replaced);
        Assert.Equal(200, (await server.SendAsync(Infer("rows", Row))).Status);

        replaced.Answer = static _ => new InferenceOutcome.Draining();
        repository.Add("rows", 2, replaced);
        Assert.Equal(503, (await server.SendAsync(Infer("rows", Row))).Status);
    }

    [Fact]
    public async Task The_documents_tell_of_the_response_cache()
    {
        await using var engine = Execution.SimulatedEngine.Of(new Execution.SimulatedInstance(), TimeProvider.System);
        var cached = new CachingEngine(engine, new byte[KeyedHash.SecretBytes], TimeProvider.System);
        cached.Apply(new RuntimeSettings { Cache = new CacheSettings { Policy = CachePolicy.LRU } });
        await using var server = await EchoServer.StartAsync(new EchoEngine(engine.Signature), new SingleModel(cached), new RestOptions());
        const string Same = """{"inputs":[{"name":"x","shape":[1],"datatype":"UINT8","data":[7]}]}""";
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await server.SendAsync(Infer("m", Same))).Status);
        }

        Assert.Contains("\"response_cache\":{\"enable\":true}", (await server.SendAsync(EchoServer.Request("GET", "/v2/models/m/config"))).Text, StringComparison.Ordinal);
        var statistics = (await server.SendAsync(EchoServer.Request("GET", "/v2/models/m/stats"))).Text;
        Assert.Contains("\"cache_hit\":{\"count\":2,\"ns\":0},\"cache_miss\":{\"count\":1,\"ns\":0}", statistics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_tells_load_tools_what_holds_now()
    {
        var signature = EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2, -1]), ("s", Datatype.Bytes, [-1]));
        var engine = new EchoEngine(signature);
        await using var server = await EchoServer.StartAsync(engine, new SingleModel(engine), new RestOptions { Instances = 3 });
        engine.Apply(new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 24, MaxDelayMs = 1.5 } });

        var reply = await server.SendAsync(EchoServer.Request("GET", "/v2/models/echo/config"));

        Assert.Equal(
            """{"name":"echo","platform":"test_echo","backend":"onnxruntime","max_batch_size":24,"input":[{"name":"x","data_type":"TYPE_FP32","dims":[2,-1],"is_shape_tensor":false,"allow_ragged_batch":false,"optional":false},{"name":"s","data_type":"TYPE_STRING","dims":[1],"reshape":{"shape":[]},"is_shape_tensor":false,"allow_ragged_batch":false,"optional":false}],"output":[{"name":"x_out","data_type":"TYPE_FP32","dims":[2,-1],"is_shape_tensor":false},{"name":"s_out","data_type":"TYPE_STRING","dims":[1],"reshape":{"shape":[]},"is_shape_tensor":false}],"instance_group":[{"name":"echo","kind":"KIND_CPU","count":3}],"dynamic_batching":{"max_queue_delay_microseconds":1500,"preserve_ordering":false},"response_cache":{"enable":false},"model_transaction_policy":{"decoupled":false},"parameters":{"execution_provider":{"string_value":"CPUExecutionProvider"},"accelerated_time_ratio":{"string_value":"0"},"accelerated_nodes_ratio":{"string_value":"0"}}}""",
            reply.Text);
    }

    [Fact]
    public async Task The_configuration_of_a_model_that_is_not_batched_keeps_every_dimension()
    {
        await using var server = await EchoServer.StartAsync(EchoEngine.Model(batched: false, ("x", Datatype.Fp32, [1, 2])));

        var reply = await server.SendAsync(EchoServer.Request("GET", "/v2/models/echo/config"));

        Assert.Contains("\"max_batch_size\":0", reply.Text, StringComparison.Ordinal);
        Assert.Contains("\"dims\":[1,2]", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("dynamic_batching", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v2/models/stats", "numbers 7,rows 1,rows 2")]
    [InlineData("/v2/models/rows/stats", "rows 1,rows 2")]
    [InlineData("/v2/models/rows/versions/1/stats", "rows 1")]
    public async Task Statistics_are_told_of_every_version_that_serves(string path, string versions)
    {
        var (server, _) = await StartAsync();
        await using var _1 = server;
        var times = new InferenceRuntime.Core.Statistics.ExecutionTimes(TimeSpan.FromTicks(1), TimeSpan.FromTicks(20), TimeSpan.FromTicks(300));
        server.Engine.Statistics.AddExecution(4, times, DateTimeOffset.UnixEpoch.AddMilliseconds(1234));

        var reply = await server.SendAsync(EchoServer.Request("GET", path));

        using var document = JsonDocument.Parse(reply.Text);
        var models = document.RootElement.GetProperty("model_stats").EnumerateArray().ToList();
        Assert.Equal(versions, string.Join(',', models.Select(static m => $"{m.GetProperty("name")} {m.GetProperty("version")}")));
        Assert.Equal(
            """{"name":"rows","version":"1","last_inference":1234,"inference_count":4,"execution_count":1,"inference_stats":{"success":{"count":0,"ns":0},"fail":{"count":0,"ns":0},"queue":{"count":0,"ns":0},"compute_input":{"count":0,"ns":0},"compute_infer":{"count":0,"ns":0},"compute_output":{"count":0,"ns":0},"cache_hit":{"count":0,"ns":0},"cache_miss":{"count":0,"ns":0}},"batch_stats":[{"batch_size":4,"compute_input":{"count":1,"ns":100},"compute_infer":{"count":1,"ns":2000},"compute_output":{"count":1,"ns":30000}}],"memory_usage":[],"response_stats":{}}""",
            models[versions.StartsWith('n') ? 1 : 0].GetRawText());
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("{\"priority\":0}", 0)]
    [InlineData("{\"priority\":18446744073709551615}", ulong.MaxValue)]
    public async Task The_priority_goes_with_the_request(string parameters, ulong priority)
    {
        var (server, _) = await StartAsync();
        await using var _1 = server;

        var reply = await server.SendAsync(Infer("rows/versions/1", Row.Replace("{\"inputs\"", $"{{\"parameters\":{parameters},\"inputs\"", StringComparison.Ordinal)));

        Assert.Equal(200, reply.Status);
        Assert.Equal(priority, server.Engine.Last!.Priority);
    }
}
