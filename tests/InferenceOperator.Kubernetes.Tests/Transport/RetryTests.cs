using System.Net;
using System.Net.Http.Headers;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Transport;

public sealed class RetryTests
{
    private const string Found = """{"metadata":{"namespace":"a","name":"b","uid":"u","resourceVersion":"7"},"data":{"value":"x"}}""";
    private static readonly ObjectKey Key = new("a", "b");
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task A_read_is_tried_again_after_an_overload_a_server_error_and_a_cut()
    {
        var replies = new Replies()
            .Then(HttpStatusCode.ServiceUnavailable, "overloaded")
            .Then(HttpStatusCode.InternalServerError, """{"kind":"Status","reason":"InternalError","message":"oops","code":500}""")
            .ThenFail(new HttpRequestException("reset"))
            .Then(HttpStatusCode.OK, Found);
        using var client = Client(replies);

        var found = await InSimulatedTime(client.GetAsync(Cluster.ConfigMaps, Key, CancellationToken.None));

        Assert.Equal("7", found?.ResourceVersion);
        Assert.Equal(4, replies.Asked.Count);
    }

    [Fact]
    public async Task Requests_share_a_connection()
    {
        var replies = new Replies().Then(HttpStatusCode.OK, Found);
        using var client = Client(replies);

        await client.GetAsync(Cluster.ConfigMaps, Key, CancellationToken.None);

        Assert.Equal([HttpVersion.Version20], replies.Versions);
    }

    [Fact]
    public async Task A_creation_is_not_sent_again_after_a_cut_for_it_may_have_been_done()
    {
        var replies = new Replies().ThenFail(new HttpRequestException("reset"));
        using var client = Client(replies);

        var error = await Assert.ThrowsAsync<ApiException>(
            () => client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "b", "x"), CancellationToken.None));

        Assert.Equal(ApiErrorReason.Unreachable, error.Reason);
        Assert.Single(replies.Asked);
    }

    [Fact]
    public async Task A_refusal_with_429_is_waited_out_for_as_long_as_asked_even_for_a_creation()
    {
        var replies = new Replies()
            .Then(HttpStatusCode.TooManyRequests, "slow down", static r => r.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)))
            .Then(HttpStatusCode.Created, Found);
        using var client = Client(replies);
        var start = _clock.GetUtcNow();

        await InSimulatedTime(client.CreateAsync(Cluster.ConfigMaps, Cluster.ConfigMap("a", "b", "x"), CancellationToken.None));

        Assert.Equal(TimeSpan.FromSeconds(7), _clock.GetUtcNow() - start);
    }

    [Fact]
    public async Task What_goes_on_failing_is_given_up_with_the_last_reason()
    {
        var replies = new Replies();
        for (var i = 0; i < 3; i++)
        {
            replies.Then(HttpStatusCode.ServiceUnavailable, "<html>bad gateway</html>");
        }

        using var client = Client(replies, new() { AttemptsMax = 3 });

        var error = await Assert.ThrowsAsync<ApiException>(
            () => InSimulatedTime(client.GetAsync(Cluster.ConfigMaps, Key, CancellationToken.None)));

        Assert.Equal((ApiErrorReason.ServiceUnavailable, 503), (error.Reason, error.Code));
        Assert.Equal("get configmaps a/b: <html>bad gateway</html> (503 ServiceUnavailable)", error.Message);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_read_again_once()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("token", "old\n");
        var replies = new Replies()
            .Then(HttpStatusCode.OK, Found)
            .Then(HttpStatusCode.Unauthorized, """{"kind":"Status","reason":"Unauthorized","message":"Unauthorized","code":401}""")
            .Then(HttpStatusCode.OK, Found);
        using var client = Client(replies, credentials: new TokenFileCredentials(path));

        await client.GetAsync(Cluster.ConfigMaps, Key, CancellationToken.None);
        await File.WriteAllTextAsync(path, "new\n");
        await client.GetAsync(Cluster.ConfigMaps, Key, CancellationToken.None);

        Assert.Equal(["Bearer old", "Bearer old", "Bearer new"], replies.Asked.Select(static asked => asked.Authorization));
    }

    [Fact]
    public async Task A_renewed_token_file_is_seen_within_a_minute_without_any_refusal()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("token", "old");
        var replies = new Replies().Then(HttpStatusCode.OK, Found).Then(HttpStatusCode.OK, Found);
        using var client = Client(replies, credentials: new TokenFileCredentials(path));

        await client.GetAsync(Cluster.ConfigMaps, Key, CancellationToken.None);
        await File.WriteAllTextAsync(path, "new");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await client.GetAsync(Cluster.ConfigMaps, Key, CancellationToken.None);

        Assert.Equal(["Bearer old", "Bearer new"], replies.Asked.Select(static asked => asked.Authorization));
    }

    [Fact]
    public async Task Requests_beyond_the_burst_are_spread_over_time()
    {
        var replies = new Replies();
        for (var i = 0; i < 4; i++)
        {
            replies.Then(HttpStatusCode.OK, Found);
        }

        using var client = Client(replies, new() { QueriesPerSecond = 2, Burst = 2 });
        var start = _clock.GetUtcNow();

        for (var i = 0; i < 4; i++)
        {
            await InSimulatedTime(client.GetAsync(Cluster.ConfigMaps, Key, CancellationToken.None));
        }

        Assert.Equal(TimeSpan.FromSeconds(1), _clock.GetUtcNow() - start);
    }

    [Fact]
    public async Task A_list_whose_continuation_expired_is_fetched_in_one_page()
    {
        var replies = new Replies()
            .Then(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"5","continue":"next"},"items":[{"metadata":{"name":"x","namespace":"a"}}]}""")
            .Then(HttpStatusCode.Gone, """{"kind":"Status","reason":"Expired","message":"too old","code":410}""")
            .Then(HttpStatusCode.OK, """{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"y","namespace":"a"}}]}""");
        using var client = Client(replies);

        var list = await client.ListAsync(Cluster.ConfigMaps, ResourceScope.In("a"), CancellationToken.None);

        Assert.Equal(("9", "y"), (list.ResourceVersion, Assert.Single(list.Items).Key.Name));
        Assert.Equal(
            ["/api/v1/namespaces/a/configmaps?limit=500", "/api/v1/namespaces/a/configmaps?limit=500&continue=next", "/api/v1/namespaces/a/configmaps?"],
            replies.Asked.Select(static asked => asked.Path));
    }

    [Fact]
    public async Task A_path_in_the_servers_address_is_kept()
    {
        var replies = new Replies().Then(HttpStatusCode.OK, """{"major":"1","minor":"34+","gitVersion":"v1.34.1"}""");
        using var client = Client(replies, server: "https://proxy.example/clusters/one");

        var version = await client.GetVersionAsync(CancellationToken.None);

        Assert.Equal(new ServerVersion(1, 34, "v1.34.1"), version);
        Assert.Equal("/clusters/one/version", replies.Asked.Single().Path);
    }

    private KubernetesClient Client(
        Replies replies, KubernetesClientOptions? options = null, Credentials? credentials = null, string server = "https://server.example")
    {
        var config = new KubernetesConfig { Server = new Uri(server), Source = "test", Credentials = credentials ?? Credentials.None };
        return new KubernetesClient(config, (options ?? new()) with { RequestTimeout = TimeSpan.FromDays(1) }, replies, _clock, NullLoggerFactory.Instance);
    }

    /// <summary>Moves the clock on whenever the request waits, until it has its answer.</summary>
    private async Task<T> InSimulatedTime<T>(Task<T> request)
    {
        while (!request.IsCompleted)
        {
            // Only pauses are due so soon; the time limit of the request itself, a day here, must not run out.
            if (_clock.NextTimer - _clock.GetUtcNow() < TimeSpan.FromHours(1))
            {
                _clock.AdvanceToNextTimer();
            }

            await Task.Yield();
        }

        return await request;
    }
}
