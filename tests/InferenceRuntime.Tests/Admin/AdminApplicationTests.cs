using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using InferenceRuntime.Admin;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Observability;
using InferenceRuntime.Settings;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Admin;

public sealed class AdminApplicationTests : IAsyncLifetime
{
    private readonly EchoEngine _engine = new(EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1])));
    private readonly RequestMetrics _metrics = new(slo: null);
    private readonly string _tokenFile = Path.GetTempFileName();
    private readonly HttpClient _open = new();
    private readonly HttpClient _guarded = new();
    private readonly List<HttpEndpoint> _endpoints = [];

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_tokenFile, "s3cret\n");
        _open.BaseAddress = await StartAsync(token: null);
        _guarded.BaseAddress = await StartAsync(new AdminToken(_tokenFile));
        _guarded.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "s3cret");
    }

    public async Task DisposeAsync()
    {
        _open.Dispose();
        _guarded.Dispose();
        foreach (var endpoint in _endpoints)
        {
            await endpoint.StopAsync(CancellationToken.None);
            endpoint.Dispose();
        }

        File.Delete(_tokenFile);
    }

    [Fact]
    public async Task New_settings_are_in_force_at_once_and_come_back()
    {
        var (status, text) = await PutAsync(_guarded, """{"batching":{"maxSize":8,"maxDelayMs":2},"slo":{"targetMs":50}}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"batching":{"maxSize":8,"maxDelayMs":2},"queue":{"maxRequests":1024,"maxBytes":268435456},"slo":{"targetMs":50},"cache":{"policy":"None","maxBytes":67108864,"ttlMs":0}}""", text);
        Assert.Equal(8, _engine.Settings.Batching.MaxSize);
        Assert.Equal(0.05, Assert.Single(_metrics.Snapshot().Slo).Seconds);
        Assert.Equal(text, await _guarded.GetStringAsync(new Uri("/v1/settings", UriKind.Relative)));
    }

    [Theory]
    [InlineData("", "settings")]
    [InlineData("null", "settings")]
    [InlineData("{", "JSON")]
    [InlineData("""{"batching":{"maxSize":0}}""", "batching.maxSize")]
    [InlineData("""{"batching":{"maxSize":1e9}}""", "batching.maxSize")]
    [InlineData("""{"batching":{"maxsize":2}}""", "batching.maxsize")]
    [InlineData("""{"batching":null}""", "batching")]
    [InlineData("""{"bathcing":{}}""", "bathcing")]
    [InlineData("""{"slo":{"targetMs":-1}}""", "slo.targetMs")]
    [InlineData("""{"cache":{"policy":"FIFO"}}""", "cache.policy")]
    [InlineData("""{"cache":{"policy":1}}""", "cache.policy")]
    [InlineData("""{"cache":{"policy":"LRU","maxBytes":1}}""", "cache.maxBytes")]
    [InlineData("""{"cache":{"ttlMs":-1}}""", "cache.ttlMs")]
    public async Task Bad_settings_are_refused_by_field_and_change_nothing(string body, string names)
    {
        var before = _engine.Settings;

        var (status, text) = await PutAsync(_guarded, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(names, text, StringComparison.Ordinal);
        Assert.DoesNotContain("InferenceRuntime.", text, StringComparison.Ordinal);
        Assert.Same(before, _engine.Settings);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer s3cret2")]
    [InlineData("Bearer")]
    [InlineData("Basic s3cret")]
    public async Task Without_the_token_nothing_is_told_or_changed(string? authorization)
    {
        _guarded.DefaultRequestHeaders.Authorization = null;
        if (authorization is not null)
        {
            _guarded.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }

        using var state = await _guarded.GetAsync(new Uri("/v1/state", UriKind.Relative));
        var (status, _) = await PutAsync(_guarded, "{}");

        Assert.Equal(HttpStatusCode.Unauthorized, state.StatusCode);
        Assert.Equal("Bearer", state.Headers.WwwAuthenticate.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    [Fact]
    public async Task A_rotated_token_counts_at_once()
    {
        await File.WriteAllTextAsync(_tokenFile, "other");

        Assert.Equal(HttpStatusCode.Unauthorized, (await PutAsync(_guarded, "{}")).Status);
        _guarded.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "other");
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(_guarded, "{}")).Status);
    }

    [Fact]
    public async Task Without_a_token_file_reading_is_open_and_nothing_can_be_changed()
    {
        var state = JsonSerializer.Deserialize(await _open.GetStringAsync(new Uri("/v1/state", UriKind.Relative)), ContractJson.Default.ReplicaState);
        var (status, text) = await PutAsync(_open, "{}");

        Assert.Equal("echo", state!.Model);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("--admin-token-file", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/other", HttpStatusCode.NotFound)]
    [InlineData("POST", "/v1/settings", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/v1/state", HttpStatusCode.MethodNotAllowed)]
    public async Task Other_paths_and_verbs_are_refused(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using var reply = await _guarded.SendAsync(request);

        Assert.Equal(status, reply.StatusCode);
    }

    [Fact]
    public async Task A_document_above_the_limit_is_refused()
    {
        var (status, _) = await PutAsync(_guarded, new string(' ', SettingsDocument.LengthMax + 1));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
    }

    private static async Task<(HttpStatusCode Status, string Text)> PutAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        using var reply = await client.PutAsync(new Uri("/v1/settings", UriKind.Relative), content);
        return (reply.StatusCode, await reply.Content.ReadAsStringAsync());
    }

    private async Task<Uri> StartAsync(AdminToken? token)
    {
        var settings = new SettingsInForce(_engine, _metrics, NullLogger<SettingsInForce>.Instance);
        var application = new AdminApplication(settings, State, token, cache: null, shadow: null, NullLogger<AdminApplication>.Instance);
        var endpoint = await HttpEndpoint.StartAsync(
            application, new EndpointOptions(IPAddress.Loopback, 0, SettingsDocument.LengthMax), NullLoggerFactory.Instance, CancellationToken.None);
        _endpoints.Add(endpoint);
        return endpoint.Url;
    }

    private ReplicaState State() => new()
    {
        Model = "echo",
        ModelSha256 = new string('0', 64),
        Ready = true,
        Batched = true,
        Provider = "none",
        Threads = 1,
        StartUpSeconds = 0.5,
        Settings = _engine.Settings,
    };
}
