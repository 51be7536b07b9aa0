using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Admission;
using InferenceOperator.Core.Policy;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Admission;

public sealed class AdmissionEndpointTests : IAsyncLifetime
{
    private readonly AdmissionCounts _counts = new();
    private readonly TaskCompletionSource _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CertificateSet? _set = CertificatePlan.Next(null, ["localhost", "127.0.0.1"], TimeProvider.System.GetUtcNow());
    private AdmissionEndpoint? _endpoint;

    public async Task InitializeAsync() =>
        _endpoint = await AdmissionEndpoint.StartAsync(
            new(IPAddress.Loopback, 0), Certificate, new AdmissionReviewer(Judge), _counts, TimeProvider.System, CancellationToken.None);

    public async Task DisposeAsync()
    {
        _hold.TrySetResult();
        await _endpoint!.DisposeAsync(); // Started before every test.
    }

    [Fact]
    public async Task A_review_is_answered_over_TLS_with_a_certificate_of_its_own_authority()
    {
        var (code, body) = await PostAsync(Reviews.Review("CREATE", Written.Agent("ads", "ranker", Reviews.BadSpec)).ToJsonString());

        var response = JsonNode.Parse(body)!["response"]!;
        Assert.Equal((HttpStatusCode.OK, false), (code, (bool)response["allowed"]!));
        Assert.Contains("spec.scaling", (string?)response["status"]!["message"], StringComparison.Ordinal);
        Assert.Equal(1, _counts.Of(AdmissionResult.Refused));
    }

    [Fact]
    public async Task A_dry_run_is_answered_like_any_other_request()
    {
        var agent = Written.Agent("ads", "ranker", Reviews.BadSpec);

        Assert.Equal(
            await PostAsync(Reviews.Review("CREATE", agent).ToJsonString()),
            await PostAsync(Reviews.Review("CREATE", agent, dryRun: true).ToJsonString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1beta1", "request": {"uid": "1"}}""")]
    [InlineData("""{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {"uid": 1}}""")]
    [InlineData("""{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "kind": "x"}""")]
    public async Task Garbage_is_a_bad_request(string body)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(body)).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(string.Concat(Enumerable.Repeat("{\"a\":", 5000)))).Code);
        Assert.Equal(2, _counts.Of(AdmissionResult.Malformed));
    }

    [Fact]
    public async Task A_body_beyond_the_bound_is_not_read_to_its_end()
    {
        var agent = Written.Agent("ads", "ranker");
        agent["metadata"]!["annotations"] = new JsonObject { ["big"] = new string('x', AdmissionEndpoint.BodyBytesMax) };

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(Reviews.Review("CREATE", agent).ToJsonString())).Code);
        agent["metadata"]!["annotations"] = new JsonObject { ["big"] = new string('x', 2 << 20) };
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(Reviews.Review("CREATE", agent).ToJsonString())).Code);
    }

    [Fact]
    public async Task Nothing_else_is_there()
    {
        using var client = Client(_set!.Bundle);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri($"https://localhost:{_endpoint!.Port}/validate"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PostAsync(new Uri($"https://localhost:{_endpoint.Port}/mutate"), null)).StatusCode);
    }

    [Fact]
    public async Task More_requests_at_the_same_time_than_there_is_room_for_are_turned_away()
    {
        // Each review that is held takes a thread of the pool, which adds them slowly, and the requests want some too.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 3 * AdmissionEndpoint.AtOnceMax), ports);
        var held = Enumerable.Range(0, AdmissionEndpoint.AtOnceMax).Select(_ => PostAsync(Reviews.Review("CREATE", Written.Agent("ads", "held")).ToJsonString())).ToArray();
        await ClientExtensions.UntilAsync(() => Volatile.Read(ref _held) == AdmissionEndpoint.AtOnceMax, "they were not all inside");

        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(Reviews.Review("CREATE", Written.Agent("ads", "ranker")).ToJsonString())).Code);
        _hold.SetResult();
        Assert.All(await Task.WhenAll(held), static answer => Assert.Equal(HttpStatusCode.OK, answer.Code));
        Assert.Equal((1, AdmissionEndpoint.AtOnceMax), (_counts.Of(AdmissionResult.Busy), _counts.Of(AdmissionResult.Allowed)));
    }

    [Fact]
    public async Task Another_certificate_is_served_from_the_next_connection_on_without_a_restart()
    {
        var review = Reviews.Review("CREATE", Written.Agent("ads", "ranker")).ToJsonString();
        var old = _set!;
        using var kept = Client(old.Bundle);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(kept, review)).Code);

        _set = CertificatePlan.Next(null, ["localhost"], TimeProvider.System.GetUtcNow());

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(kept, review)).Code);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(review)).Code);
        using var stale = Client(old.Bundle);
        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(stale, review));
    }

    [Fact]
    public async Task Without_a_certificate_no_connection_comes_about()
    {
        using var client = Client(_set!.Bundle);
        _set = null;

        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(client, "{}"));
    }

    private int _held;

    private PolicyJudgement Judge(Core.Resource.InferenceAgent agent)
    {
        if (agent.Metadata.Name == "held")
        {
            Interlocked.Increment(ref _held);
            _hold.Task.Wait(Patience.Limit, CancellationToken.None);
        }

        return new(agent, []);
    }

    private SslStreamCertificateContext? Certificate() => _set is { } set ? SslStreamCertificateContext.Create(CertificatePlan.Open(set), additionalCertificates: null, offline: true) : null;

    private async Task<(HttpStatusCode Code, string Body)> PostAsync(string body)
    {
        using var client = Client(_set!.Bundle);
        return await PostAsync(client, body);
    }

    private async Task<(HttpStatusCode Code, string Body)> PostAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri($"https://localhost:{_endpoint!.Port}/validate"), content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static HttpClient Client(string bundle)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(bundle);
        // What is refused by its length alone is refused before it is sent.
        return new(new SocketsHttpHandler { UseProxy = false, Expect100ContinueTimeout = Patience.Limit, SslOptions = { CertificateChainPolicy = policy } })
        {
            Timeout = Patience.Limit,
            DefaultRequestHeaders = { ExpectContinue = true },
        };
    }
}
