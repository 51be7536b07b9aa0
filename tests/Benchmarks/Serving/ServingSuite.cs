using System.Globalization;
using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// Compares, in one run on this machine, with the server on one core and the load on the other: a bare loop over ONNX Runtime on
/// the server's core (the limit), this server with batching, this server with batch 1, and an empty Kestrel endpoint that moves
/// the same bytes (the protocol's floor). The contestants take turns, and the median of the rounds counts.
/// </summary>
internal sealed class ServingSuite(bool quick)
{
    private const double EfficiencyBar = 0.85;
    private const double BatchingBar = 1.5;
    private const int SmallClients = 64;

    private readonly int _rounds = quick ? 1 : 3;
    private readonly TimeSpan _run = TimeSpan.FromSeconds(quick ? 1.5 : 6);
    private readonly TimeSpan _bare = TimeSpan.FromSeconds(quick ? 0.7 : 4);

    /// <summary>Runs it all.</summary>
    public async Task<SuiteReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("benchmarks-").FullName;
        try
        {
            var models = RepositoryFolder("models");
            var mobilenet = Random(models, folder, "mobilenet-v2", [1, 2, 4, 8]);
            var encoder = Random(models, folder, "encoder", [1, 4, 8, 16]);
            var digits = new ServedModel("digits-mlp", Path.Combine(models, "digits-mlp.onnx"), [1, 16, 64]);

            var throughput = new List<IReadOnlyList<string>>();
            List<Bar> bars =
            [
                Bar.AtLeast("MobileNetV2, REST binary: rows/s of the bare loop", EfficiencyBar, await EfficiencyAsync(mobilenet, clients: 16, throughput, cancellationToken)),
                Bar.AtLeast("random encoder, REST binary: rows/s of the bare loop", EfficiencyBar, await EfficiencyAsync(encoder, clients: 32, throughput, cancellationToken)),
            ];
            var small = new List<IReadOnlyList<string>>();
            bars.Add(Bar.AtLeast("digits MLP, 64 one-row requests in flight: batching over batch 1", BatchingBar, await SmallRequestsAsync(digits, small, cancellationToken)));

            return new SuiteReport(
                "serving",
                Machine.Describe(),
                [
                    new ReportTable(
                        "Throughput at saturation, one-row requests, REST binary",
                        ["model", "bare loop rows/s (batch)", "server rows/s", "share of the bare loop", "server p50 ms", "server p99 ms"],
                        throughput),
                    new ReportTable(
                        $"{digits.Name}: one-row requests, {SmallClients} in flight",
                        ["contestant", "requests/s", "server CPU µs a request", "p50 ms", "p99 ms"],
                        small),
                ],
                bars);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The server's rows per second as a share of the bare loop's, both at the bare loop's best batch size.</summary>
    private async Task<double> EfficiencyAsync(ServedModel model, int clients, List<IReadOnlyList<string>> rows, CancellationToken cancellationToken)
    {
        var best = await BestBucketAsync(model, cancellationToken);
        using var server = await PinnedServer.StartRuntimeAsync(model, best, cancellationToken);
        var bare = new List<double>();
        var served = new List<LoadResult>();
        for (var round = 0; round < _rounds; round++)
        {
            bare.Add(await BareAsync(model, best, cancellationToken));
            served.Add(await server.LoadAsync(clients, rows: 1, binary: true, _run, cancellationToken));
        }

        var limit = bare.Order().ElementAt(bare.Count / 2);
        var median = LoadResult.Median(served);
        rows.Add([model.Name, Text($"{limit:0.0} ({best})"), Text($"{median.RowsPerSecond:0.0}"), Text($"{median.RowsPerSecond / limit:0.000}"), Text($"{median.P50Ms:0.0}"), Text($"{median.P99Ms:0.0}")]);
        return median.RowsPerSecond / limit;
    }

    /// <summary>Batching, batch 1, and the empty endpoint on the same small requests; gives the first over the second.</summary>
    private async Task<double> SmallRequestsAsync(ServedModel model, List<IReadOnlyList<string>> rows, CancellationToken cancellationToken)
    {
        using var batching = await PinnedServer.StartRuntimeAsync(model, maxSize: 64, cancellationToken);
        using var single = await PinnedServer.StartRuntimeAsync(model, maxSize: 1, cancellationToken);
        using var emptyBinary = await PinnedServer.StartEmptyAsync(batching, binary: true, cancellationToken);
        using var emptyJson = await PinnedServer.StartEmptyAsync(batching, binary: false, cancellationToken);
        (string Name, PinnedServer Server, bool Binary, List<LoadResult> Runs)[] contestants =
        [
            ("server, batching, binary", batching, true, []),
            ("server, batch 1, binary", single, true, []),
            ("empty endpoint, binary", emptyBinary, true, []),
            ("server, batching, JSON", batching, false, []),
            ("empty endpoint, JSON", emptyJson, false, []),
        ];
        for (var round = 0; round < _rounds; round++)
        {
            foreach (var contestant in contestants)
            {
                contestant.Runs.Add(await contestant.Server.LoadAsync(SmallClients, rows: 1, contestant.Binary, _run, cancellationToken));
            }
        }

        foreach (var contestant in contestants)
        {
            var median = LoadResult.Median(contestant.Runs);
            rows.Add([contestant.Name, Text($"{median.RequestsPerSecond:0}"), Text($"{median.CpuMicrosPerRequest:0.0}"), Text($"{median.P50Ms:0.00}"), Text($"{median.P99Ms:0.00}")]);
        }

        return LoadResult.Median(contestants[0].Runs).RowsPerSecond / LoadResult.Median(contestants[1].Runs).RowsPerSecond;
    }

    private async Task<int> BestBucketAsync(ServedModel model, CancellationToken cancellationToken)
    {
        var best = (Bucket: 0, Rate: 0.0);
        foreach (var bucket in model.Buckets)
        {
            var rate = await BareAsync(model, bucket, cancellationToken);
            best = rate > best.Rate ? (bucket, rate) : best;
        }

        return best.Bucket;
    }

    private async Task<double> BareAsync(ServedModel model, int rows, CancellationToken cancellationToken)
    {
        using var loop = PinnedProcess.Start(
            PinnedServer.ServerCore,
            Environment.ProcessPath!,
            "bare-loop", "--model", model.File, "--rows", rows.ToString(CultureInfo.InvariantCulture), "--seconds", Text($"{_bare.TotalSeconds}"));
        return double.Parse(await loop.CompletedAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    private static ServedModel Random(string models, string folder, string name, IReadOnlyList<int> buckets)
    {
        var file = Path.Combine(folder, $"{name}.onnx");
        RandomWeights.Fill(Path.Combine(models, $"{name}.graph.onnx"), file, seed: 1);
        return new ServedModel(name, file, buckets);
    }

    /// <summary>A folder of the repository that this program was built in.</summary>
    internal static string RepositoryFolder(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "InferenceOperator.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("The benchmarks do not run inside the repository."), name);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
