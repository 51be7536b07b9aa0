using System.Buffers;
using System.Globalization;
using System.Net;
using InferenceOperator.Cluster.Alerting;
using InferenceOperator.Testing.Servers;
using InferenceRuntime.Contract;
using InferenceRuntime.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Xunit.Abstractions;

namespace Packaging.Tests.Monitoring;

/// <summary>What a real Prometheus computes from the metrics pages of replicas, against the requests themselves.</summary>
public sealed class AttainmentTests(ITestOutputHelper output)
{
    private const int Seed = 20301;
    private const int RequestsEach = 4000;

    /// <summary>Rates are extrapolated to the edges of their window, for each replica by its own scrapes; seconds of samples make this much of it.</summary>
    private const double RateTolerance = 0.01;

    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(1);

    [ServerFact(Server.Prometheus)]
    public async Task The_attainment_that_Prometheus_computes_is_that_of_the_request_log()
    {
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        using var patience = new CancellationTokenSource(PatienceMax, TimeProvider.System);
        var replicas = new[] { new RequestMetrics(new SloSettings { TargetMs = 50 }), new RequestMetrics(new SloSettings { TargetMs = 50 }) };
        await using var first = await ServeAsync(replicas[0], "r-1");
        await using var second = await ServeAsync(replicas[1], "r-2");
        await using var prometheus = await PrometheusServer.StartAsync(
            PrometheusServer.Scraping("replicas", [.. new[] { first, second }.Select(static server => new Uri(server.Urls.First()).Authority)]), patience.Token);

        var log = await ServeAsync(replicas, TimeSpan.FromMilliseconds(50), random, prometheus, patience.Token);
        var attainment = (double)Met(log) / Counted(log);
        var recorded = FleetRules.Rules().Single(static rule => (string?)rule["record"] == "agent:inference_slo_attainment:ratio_rate5m");
        Assert.Equal(attainment, (await QueryAsync(prometheus, (string)recorded["expr"]!, patience.Token))!.Value, RateTolerance);
        var missed = FleetRules.RulesOf(AgentRulesTests.Spec(AgentRulesTests.Agent("ranker", "99"))).Single(static rule => (string?)rule["record"] == AgentRuleNames.MissRatio("5m"));
        Assert.Equal(1 - attainment, (await QueryAsync(prometheus, (string)missed["expr"]!, patience.Token))!.Value, RateTolerance);

        log = [.. log, .. await ServeAsync(replicas, TimeSpan.FromMilliseconds(20), random, prometheus, patience.Token)];
        Assert.Equal(Met(log), await QueryAsync(prometheus, $"sum({MetricNames.SloMetTotal})", patience.Token));
        Assert.Equal(Counted(log), await QueryAsync(prometheus, $"sum({MetricNames.SloRequestsTotal})", patience.Token));
    }

    /// <summary>Sets an SLO and answers requests under it; returns when Prometheus has seen them all.</summary>
    private static async Task<IReadOnlyList<Answer>> ServeAsync(RequestMetrics[] replicas, TimeSpan target, Random random, PrometheusServer prometheus, CancellationToken cancellationToken)
    {
        Array.ForEach(replicas, replica => replica.SetSlo(new SloSettings { TargetMs = target.TotalMilliseconds }));
        var seconds = PrometheusTextWriter.Number(target.TotalSeconds);

        // What is counted before a series is first scraped is in no rate.
        await UntilAsync(prometheus, $"count({MetricNames.SloRequestsTotal}{{{MetricLabels.SloSeconds}=\"{seconds}\"}})", value => value == replicas.Length, cancellationToken);
        var log = new List<Answer>();
        foreach (var replica in replicas)
        {
            for (var i = 0; i < RequestsEach; i++)
            {
                // Some exactly at the target, which is within.
                var latency = TimeSpan.FromMilliseconds(random.Next(20) == 0 ? target.TotalMilliseconds : random.Next(1, 80));
                var outcome = random.Next(50) switch { 0 => RequestOutcome.QueueFull, 1 => RequestOutcome.Invalid, _ => RequestOutcome.Answered };
                log.Add(new(outcome, latency, target));
                replica.Begin();
                replica.End(outcome, latency);
            }
        }

        await UntilAsync(prometheus, $"sum({MetricNames.SloRequestsTotal}{{{MetricLabels.SloSeconds}=\"{seconds}\"}})", value => value == Counted(log), cancellationToken);
        return log;
    }

    /// <summary>What the client got wrong is no request of the SLO's.</summary>
    private static int Counted(IEnumerable<Answer> log) => log.Count(static answer => answer.Outcome != RequestOutcome.Invalid);

    private static int Met(IEnumerable<Answer> log) => log.Count(static answer => answer.Outcome == RequestOutcome.Answered && answer.Latency <= answer.Target);

    private static async Task<WebApplication> ServeAsync(RequestMetrics requests, string replica)
    {
        var page = new MetricsPage([new(MetricLabels.Agent, "ranker"), new(MetricLabels.AgentNamespace, "ads"), new(MetricLabels.Replica, replica)]);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        application.Run(async context =>
        {
            var text = new ArrayBufferWriter<byte>();
            page.Write(new MetricsReading(requests.Snapshot(), null, new RuntimeSettings(), Ready: true, null, new ProcessFacts(0, 0, DateTimeOffset.UnixEpoch), null), text);
            context.Response.ContentType = PrometheusTextWriter.ContentType;
            await context.Response.Body.WriteAsync(text.WrittenMemory, context.RequestAborted);
        });
        await application.StartAsync();
        return application;
    }

    private static async Task UntilAsync(PrometheusServer prometheus, string query, Func<double, bool> holds, CancellationToken cancellationToken)
    {
        while (await QueryAsync(prometheus, query, cancellationToken) is not { } value || !holds(value))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<double?> QueryAsync(PrometheusServer prometheus, string query, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var answer = JsonNode.Parse(await http.GetStringAsync(new Uri(prometheus.Address, "/api/v1/query?query=" + Uri.EscapeDataString(query)), cancellationToken));
        var samples = answer!["data"]!["result"]!.AsArray();
        return samples.Count == 0 ? null : double.Parse((string)Assert.Single(samples)!["value"]![1]!, CultureInfo.InvariantCulture);
    }

    private readonly record struct Answer(RequestOutcome Outcome, TimeSpan Latency, TimeSpan Target);
}
