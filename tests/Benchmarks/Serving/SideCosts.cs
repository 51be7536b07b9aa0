using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What metrics cost while they are scraped, what traces cost, and what a cache costs that never hits and saves that always does.</summary>
internal sealed class SideCosts(Effort effort, LoadSource source)
{
    private const int Clients = 64;
    private const int NeverRepeats = 1 << 24;
    private const double MetricsBar = 1.01;
    private const double CacheBar = 1.02;
    private const double UnrecordedBar = 1.02;
    private const double OnePercentBar = 1.04;
    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(1);

    private readonly List<IReadOnlyList<string>> _rows = [];

    public ReportTable Table => new(
        "Side costs, one-row binary requests",
        ["model", "contestant", "requests/s", "server CPU µs a request", "CPU over plain's"],
        _rows);

    /// <summary>Measures the plain server, the scraped one, and one with a cache, in turns.</summary>
    public async Task<IReadOnlyList<Bar>> MeasureAsync(ServedModel model, CancellationToken cancellationToken)
    {
        using var plainServer = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64), cancellationToken);
        using var cachingServer = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64, CacheBytes: 64 << 20), cancellationToken);
        using var hittingServer = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64, CacheBytes: 64 << 20), cancellationToken);
        await using var sink = await TraceSink.StartAsync(cancellationToken);
        using var unrecorded = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64, Environment: sink.Environment("parentbased_always_off")), cancellationToken);
        using var onePercent = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64, Environment: sink.Environment("parentbased_traceidratio", "0.01")), cancellationToken);
        using var every = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64, Environment: sink.Environment("parentbased_always_on")), cancellationToken);
        Contestant[] traced =
        [
            new("with traces, none recorded", unrecorded, Load(distinct: 0)),
            new("with traces, 1 % recorded", onePercent, Load(distinct: 0)),
            new("with traces, all recorded", every, Load(distinct: 0)),
        ];
        Contestant plain = new("plain", plainServer, Load(distinct: 0)), scraped = new("scraped every second", plainServer, Load(distinct: 0));
        Contestant distinct = new("plain, no request twice", plainServer, Load(NeverRepeats));
        Contestant caching = new("with a response cache, no request twice", cachingServer, Load(NeverRepeats));
        Contestant hitting = new("with a response cache, 64 requests in turn", hittingServer, Load(distinct: 0));
        await source.SettleAsync([plain, .. traced, distinct, caching, hitting], effort, cancellationToken);

        // The differences to be seen are the smallest of the suite.
        for (var round = 0; round < 2 * effort.Rounds; round++)
        {
            await source.RoundAsync([plain, .. traced, distinct, caching, hitting], effort.Run, cancellationToken);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var scraping = ScrapeAsync(plainServer, stop.Token);
            await source.RoundAsync([scraped], effort.Run, cancellationToken);
            await stop.CancelAsync();
            await scraping;
        }

        Add(model, plain, plain);
        var metrics = Add(model, scraped, plain);
        double[] traces = [.. traced.Select(contestant => Add(model, contestant, plain))];
        Add(model, distinct, distinct);
        var noHits = Add(model, caching, distinct);
        Add(model, hitting, plain);
        return
        [
            Bar.AtMost($"{model.Name}: CPU a request while the metrics are scraped, over plain", MetricsBar, metrics),
            Bar.AtMost($"{model.Name}: CPU a request with traces of which none is recorded, over plain", UnrecordedBar, traces[0]),
            Bar.AtMost($"{model.Name}: CPU a request with 1 % of traces recorded, over plain", OnePercentBar, traces[1]),
            Bar.AtMost($"{model.Name}: CPU a request with a cache and no hits, over plain", CacheBar, noHits),
            Bar.AtMost($"{model.Name}: throughput without a cache, over that with one and no hits", CacheBar, distinct.Over(caching, static run => run.RequestsPerSecond)),
        ];
    }

    private static OfferedLoad.Closed Load(int distinct) => new(Clients, Rows: 1, WireProtocol.Binary, distinct);

    private static async Task ScrapeAsync(PinnedServer server, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var timer = new PeriodicTimer(ScrapeInterval, TimeProvider.System);
        try
        {
            do
            {
                await client.GetStringAsync(new Uri(server.Metrics!, "metrics"), cancellationToken); // A runtime tells its metrics.
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }
    }

    private double Add(ServedModel model, Contestant contestant, Contestant plain)
    {
        var over = contestant.Over(plain, static run => run.CpuMicrosPerRequest);
        var median = contestant.Median;
        _rows.Add([model.Name, contestant.Name, Invariant($"{median.RequestsPerSecond:0}"), Invariant($"{median.CpuMicrosPerRequest:0.00}"), Invariant($"{over:0.000}")]);
        return over;
    }
}
