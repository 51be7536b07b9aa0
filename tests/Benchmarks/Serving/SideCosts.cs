using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What the metrics cost while they are scraped, and what a cache saves: processor time a request.</summary>
internal sealed class SideCosts(Effort effort)
{
    private const int Clients = 64;
    private const double MetricsBar = 1.01;
    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(1);

    private readonly List<IReadOnlyList<string>> _rows = [];

    public ReportTable Table => new("Side costs, one-row binary requests", ["model", "contestant", "server CPU µs a request", "over plain"], _rows);

    /// <summary>Measures the plain server, the scraped one, and one with a cache, in turns.</summary>
    public async Task<IReadOnlyList<Bar>> MeasureAsync(ServedModel model, CancellationToken cancellationToken)
    {
        using var plain = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64), cancellationToken);
        using var cached = await PinnedServer.StartRuntimeAsync(model, new ServerSettings(MaxSize: 64, CacheBytes: 64 << 20), cancellationToken);
        List<double> without = [], scraped = [], withCache = [];
        for (var round = 0; round < 2 * effort.Rounds; round++)
        {
            without.Add((await LoadAsync(plain)).CpuMicrosPerRequest);
            using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                var scraping = ScrapeAsync(plain, stop.Token);
                scraped.Add((await LoadAsync(plain)).CpuMicrosPerRequest);
                await stop.CancelAsync();
                await scraping;
            }

            withCache.Add((await LoadAsync(cached)).CpuMicrosPerRequest);
        }

        var floor = Add(model, "plain", without, 0);
        var metrics = Add(model, "scraped every second", scraped, floor) / floor;
        Add(model, "with a response cache, 64 requests in turn", withCache, floor);
        return
        [
            Bar.AtMost($"{model.Name}: CPU a request while the metrics are scraped, over plain", MetricsBar, metrics),
        ];

        Task<LoadResult> LoadAsync(PinnedServer server) => server.LoadAsync(Clients, rows: 1, WireProtocol.Binary, effort.Run, cancellationToken);
    }

    private static async Task ScrapeAsync(PinnedServer server, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var timer = new PeriodicTimer(ScrapeInterval, TimeProvider.System);
        try
        {
            do
            {
                await client.GetStringAsync(new Uri(server.Metrics!, "metrics"), cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }
    }

    private double Add(ServedModel model, string contestant, List<double> micros, double plain)
    {
        var median = micros.Order().ElementAt(micros.Count / 2);
        _rows.Add([model.Name, contestant, Invariant($"{median:0.00}"), plain > 0 ? Invariant($"{median / plain:0.000}") : "1"]);
        return median;
    }
}
