using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Caching;

public sealed class CutWatchTests
{
    private readonly SimulatedClock _clock = new();

    [Fact]
    public async Task Watches_that_begin_and_are_cut_again_and_again_are_followed_within_a_second()
    {
        var asked = await FollowAsync(HttpStatusCode.OK, watches: 40);

        Assert.All(asked.Zip(asked.Skip(1)), static pair => Assert.True(pair.Second - pair.First <= TimeSpan.FromSeconds(1), $"paused for {pair.Second - pair.First}"));
    }

    [Fact]
    public async Task Watches_that_are_refused_are_asked_for_ever_more_seldom()
    {
        var asked = await FollowAsync(HttpStatusCode.Forbidden, watches: 12);

        Assert.True(asked[^1] - asked[^2] >= TimeSpan.FromSeconds(15), $"paused for {asked[^1] - asked[^2]}");
    }

    /// <summary>When each watch was asked for.</summary>
    private async Task<IReadOnlyList<DateTimeOffset>> FollowAsync(HttpStatusCode code, int watches)
    {
        var server = new CuttingServer(_clock, code);
        using var client = new KubernetesClient(
            new KubernetesConfig { Server = new Uri("https://server.example"), Source = "test" }, new() { RequestTimeout = TimeSpan.FromDays(1) }, server, _clock, NullLoggerFactory.Instance);
        using var stop = new CancellationTokenSource();
        var informer = new Informer<JsonObject>(client, Cluster.ConfigMaps, new InformerOptions<JsonObject>(), static _ => { }, NullLogger.Instance);
        var run = informer.RunAsync(stop.Token);
        while (server.Watches.Count < watches)
        {
            // Time limits are minutes and days away and must not run out; pauses are shorter.
            if (_clock.NextTimer - _clock.GetUtcNow() <= TimeSpan.FromSeconds(60))
            {
                _clock.AdvanceToNextTimer();
            }

            await Task.Yield();
        }

        await stop.CancelAsync();
        await run;
        return [.. server.Watches.Take(watches)];
    }

    private sealed class CuttingServer(SimulatedClock clock, HttpStatusCode code) : HttpMessageHandler
    {
        public ConcurrentQueue<DateTimeOffset> Watches { get; } = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{"metadata":{"resourceVersion":"5"},"items":[]}""", Encoding.UTF8, "application/json") });
            }

            Watches.Enqueue(clock.GetUtcNow());
            // Ends within an event.
            return Task.FromResult(new HttpResponseMessage(code) { Content = new StringContent("""{"type":"ADDED","object":{"meta""", Encoding.UTF8, "application/json") });
        }
    }
}
