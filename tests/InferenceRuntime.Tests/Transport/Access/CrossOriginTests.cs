using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;

namespace InferenceRuntime.Tests.Transport.Access;

/// <summary>The rules by which a browser decides whether a page's script gets a reply, held against the headers it would see.</summary>
public sealed class CrossOriginTests
{
    private const string App = "https://app.example";

    [Theory]
    [InlineData(new[] { App }, App, App)]
    [InlineData(new[] { App, "http://localhost:3000" }, "http://localhost:3000", "http://localhost:3000")]
    [InlineData(new[] { App }, "https://app.example.evil.com", null)]
    [InlineData(new[] { App }, "http://app.example", null)]
    [InlineData(new[] { App }, "null", null)]
    [InlineData(new[] { "*" }, "https://anyone.example", "*")]
    [InlineData(new string[0], App, null)]
    public async Task Only_the_scripts_of_allowed_origins_may_read_replies(string[] allowed, string origin, string? answer)
    {
        await using var server = await StartAsync(allowed);
        using var client = new HttpClient { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v2/models/echo", UriKind.Relative));
        request.Headers.Add("Origin", origin);

        using var reply = await client.SendAsync(request);

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Equal(answer, reply.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? string.Join("|", values) : null);
        Assert.Equal(answer is not null, reply.Headers.TryGetValues("Access-Control-Expose-Headers", out var exposed) && exposed.Single().Contains("Inference-Header-Content-Length", StringComparison.Ordinal));
        Assert.Equal(allowed.Length > 0 && allowed[0] != "*", reply.Headers.Vary.Contains("Origin"));
        Assert.False(reply.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData(App, true)]
    [InlineData("https://other.example", false)]
    public async Task A_preflight_is_answered_without_a_token(string origin, bool allowed)
    {
        await using var server = await StartAsync([App]);
        using var client = new HttpClient { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri("/v2/models/echo/infer", UriKind.Relative));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "inference-header-content-length,content-type");

        using var reply = await client.SendAsync(request);

        Assert.Equal(204, (int)reply.StatusCode);
        Assert.Equal(allowed, reply.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(allowed, reply.Headers.TryGetValues("Access-Control-Allow-Methods", out var methods) && methods.Single().Contains("POST", StringComparison.Ordinal));
        Assert.Equal(
            allowed,
            reply.Headers.TryGetValues("Access-Control-Allow-Headers", out var headers)
                && headers.Single().Contains("Content-Type", StringComparison.OrdinalIgnoreCase)
                && headers.Single().Contains("Inference-Header-Content-Length", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Errors_may_be_read_too()
    {
        await using var server = await StartAsync([App]);
        using var client = new HttpClient { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v2/models/echo/infer", UriKind.Relative)) { Content = new StringContent("{}") };
        request.Headers.Add("Origin", App);

        using var reply = await client.SendAsync(request);

        Assert.Equal(400, (int)reply.StatusCode);
        Assert.Equal(App, reply.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task Without_the_option_a_preflight_is_a_verb_like_another()
    {
        await using var server = await StartAsync([]);

        Assert.Equal(405, (await server.SendAsync(EchoServer.Request("OPTIONS", "/v2/models/echo/infer", $"Origin: {App}\r\nAccess-Control-Request-Method: POST\r\n"))).Status);
    }

    [Theory]
    [InlineData("https://app.example", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("*", true)]
    [InlineData("https://app.example/", false)]
    [InlineData("https://app.example/path", false)]
    [InlineData("app.example", false)]
    [InlineData("ftp://app.example", false)]
    [InlineData("null", false)]
    public void An_origin_is_a_scheme_a_host_and_a_port(string text, bool holds) => Assert.Equal(holds, CrossOrigin.IsOrigin(text));

    private static Task<EchoServer> StartAsync(string[] allowed)
    {
        var engine = new EchoEngine(EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1])));
        return EchoServer.StartAsync(engine, new SingleModel(engine), new RestOptions { CrossOrigin = allowed.Length > 0 ? new CrossOrigin(allowed) : null });
    }
}
