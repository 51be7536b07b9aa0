using System.Net;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Execution;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Transport.Access;

public sealed class BearerTokensTests : IDisposable
{
    private const string Good = """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}""";

    private readonly string _file = Path.GetTempFileName();
    private readonly SimulatedClock _clock = new();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("Bearer first", true)]
    [InlineData("bearer  second ", true)]
    [InlineData("Bearer third", true)]
    [InlineData("Bearer firs", false)]
    [InlineData("Bearer first1", false)]
    [InlineData("Bearer FIRST", false)]
    [InlineData("Bearer first\nsecond", false)]
    [InlineData("Bearer ", false)]
    [InlineData("Bearer", false)]
    [InlineData("Basic first", false)]
    [InlineData("first", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Each_line_is_a_token(string? authorization, bool admitted)
    {
        File.WriteAllText(_file, "first\n\n  second\r\nthird");

        Assert.Equal(admitted, new BearerTokens(_file, _clock, NullLogger.Instance).Admits(authorization));
    }

    [Fact]
    public void A_token_that_is_too_long_is_wrong()
    {
        File.WriteAllText(_file, "first");

        Assert.False(new BearerTokens(_file, _clock, NullLogger.Instance).Admits("Bearer " + new string('ä', 100_000)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    public void A_file_without_a_token_is_refused(string content)
    {
        File.WriteAllText(_file, content);

        Assert.Throws<InvalidDataException>(() => new BearerTokens(_file, _clock, NullLogger.Instance));
    }

    [Fact]
    public void A_new_file_counts_within_a_second_and_an_empty_one_changes_nothing()
    {
        File.WriteAllText(_file, "old");
        var tokens = new BearerTokens(_file, _clock, NullLogger.Instance);
        File.WriteAllText(_file, "old\nnew");
        Assert.False(tokens.Admits("Bearer new"));

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.True(tokens.Admits("Bearer new"));
        Assert.True(tokens.Admits("Bearer old"));
        File.WriteAllText(_file, "");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(tokens.Admits("Bearer new"));
        File.WriteAllText(_file, "new");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(tokens.Admits("Bearer old"));
    }

    [Theory]
    [InlineData("GET", "/v2", 401)]
    [InlineData("GET", "/v2/models/echo", 401)]
    [InlineData("GET", "/v2/models/echo/ready", 401)]
    [InlineData("GET", "/v2/models/stats", 401)]
    [InlineData("GET", "/v2/models/none", 401)]
    [InlineData("POST", "/v2/models/echo/infer", 401)]
    [InlineData("POST", "/v2/repository/index", 401)]
    [InlineData("GET", "/nothing", 401)]
    [InlineData("GET", "/v2/health/live", 200)]
    [InlineData("GET", "/v2/health/ready", 200)]
    public async Task Without_a_token_only_health_answers(string method, string path, int status)
    {
        await File.WriteAllTextAsync(_file, "s3cret");
        await using var server = await StartAsync();

        var reply = await server.SendAsync(EchoServer.Request(method, path, body: method == "GET" ? null : []));
        var named = await server.SendAsync(EchoServer.Request(method, path, "Authorization: Bearer s3cret\r\n", method == "GET" ? null : []));

        Assert.Equal(status, reply.Status);
        Assert.NotEqual(401, named.Status);
    }

    [Fact]
    public async Task The_refusal_says_how_to_ask()
    {
        await File.WriteAllTextAsync(_file, "s3cret");
        await using var server = await StartAsync();
        using var client = new HttpClient { BaseAddress = server.Url };

        using var refused = await client.PostAsync(new Uri("/v2/models/echo/infer", UriKind.Relative), new StringContent(Good));
        client.DefaultRequestHeaders.Authorization = new("Bearer", "s3cret");
        using var answered = await client.PostAsync(new Uri("/v2/models/echo/infer", UriKind.Relative), new StringContent(Good));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        Assert.True(refused.Headers.ConnectionClose);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    private Task<EchoServer> StartAsync()
    {
        var engine = new EchoEngine(EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1])));
        return EchoServer.StartAsync(engine, new SingleModel(engine), new RestOptions { Tokens = new BearerTokens(_file, _clock, NullLogger.Instance) });
    }
}
