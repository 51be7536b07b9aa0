using System.Text.Json;
using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Testing;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>What the endpoint adds to a small request, over REST and over gRPC: through it against straight to the replica, in turns.</summary>
internal sealed class EndpointPart
{
    private const string Agent = "digits";
    private const int Rounds = 5;
    private const int Crowd = 16;

    private readonly OthersUse _others = new();

    /// <summary>Runs it, two minutes.</summary>
    public async Task<(IReadOnlyList<ReportTable> Tables, IReadOnlyList<Bar> Bars)> RunAsync(string folder, CancellationToken cancellationToken)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, "endpoint")).FullName;
        var local = await LocalMode.StartAsync(Manifest(), own, cancellationToken);
        await using (local)
        {
            var replica = local.Replicas().Single();
            var ways = new[]
            {
                new Way("binary", replica.Http, local.Rest), new Way("grpc", replica.Grpc!, local.Grpc), // The local mode takes no replica without one.
            };
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var way in ways)
                {
                    way.Straight.Add(await MeasureAsync(way.Protocol, way.Replica, own, cancellationToken));
                    way.Through.Add(await MeasureAsync(way.Protocol, way.Endpoint, own, cancellationToken));
                }
            }

            _others.Look();
            return ([Table(ways)],
            [
                .. _others.Judge(
                [
                    Bar.AtMost("endpoint: latency added to a lone gRPC request over that added to REST's", 2, ways[1].Added / ways[0].Added),
                    Bar.AtLeast(Invariant($"endpoint: gRPC requests/s through it over straight to the replica, {Crowd} clients, relative to the same for REST"), 0.7, ways[1].Kept / ways[0].Kept),
                ]),
            ]);
        }
    }

    private static async Task<Figures> MeasureAsync(string protocol, Uri address, string folder, CancellationToken cancellationToken)
    {
        var lone = await BenchAsync(protocol, address, 1, folder, cancellationToken);
        var crowd = await BenchAsync(protocol, address, Crowd, folder, cancellationToken);
        return new(lone.GetProperty("p50Ms").GetDouble(), crowd.GetProperty("rate").GetDouble());
    }

    private static async Task<JsonElement> BenchAsync(string protocol, Uri address, int clients, string folder, CancellationToken cancellationToken)
    {
        var report = Path.Combine(folder, "bench.json");
        await LocalMode.OutputAsync(
            LocalMode.Runtime,
            [
                "bench", "--url", address.GetLeftPart(UriPartial.Authority), "--model", Agent, "--protocol", protocol, "--concurrency", Invariant($"{clients}"), "--duration", "3s", "--warmup", "1s",
                "--output", report,
            ],
            cancellationToken);
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(report, cancellationToken));
        return document.RootElement.GetProperty("total").Clone();
    }

    private static string Manifest() => $$"""
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata: {name: {{Agent}}}
        spec:
          model: {uri: "file://{{Repository.File("models", "digits-mlp.onnx")}}"}
          scaling: {replicas: 1}

        """;

    private static ReportTable Table(IEnumerable<Way> ways) => new(
        Invariant($"digits MLP, one row a request: the median of {Rounds} rounds, closed loop"),
        ["protocol", "one client, straight, p50 ms", "through the endpoint, p50 ms", "added, ms", Invariant($"{Crowd} clients, straight, requests/s"), "through the endpoint, requests/s"],
        [
            .. ways.Select(static way => (IReadOnlyList<string>)
            [
                way.Protocol, Invariant($"{Median(way.Straight, static f => f.LoneMs):0.000}"), Invariant($"{Median(way.Through, static f => f.LoneMs):0.000}"), Invariant($"{way.Added:0.000}"),
                Invariant($"{Median(way.Straight, static f => f.Rate):0}"), Invariant($"{Median(way.Through, static f => f.Rate):0}"),
            ]),
        ]);

    private static double Median(IEnumerable<Figures> figures, Func<Figures, double> of) => figures.Select(of).Order().ElementAt(Rounds / 2);

    /// <summary>One measurement.</summary>
    /// <param name="LoneMs">Median latency of one client, ms.</param>
    /// <param name="Rate">Requests per second of many.</param>
    private sealed record Figures(double LoneMs, double Rate);

    /// <summary>One protocol's two addresses and what was measured there.</summary>
    private sealed record Way(string Protocol, Uri Replica, Uri Endpoint)
    {
        public List<Figures> Straight { get; } = [];

        public List<Figures> Through { get; } = [];

        /// <summary>Milliseconds that the endpoint adds: the median of the rounds, each against its own neighbour.</summary>
        public double Added => Straight.Zip(Through, static (straight, through) => through.LoneMs - straight.LoneMs).Order().ElementAt(Rounds / 2);

        /// <summary>Share of the replica's own rate that comes through the endpoint.</summary>
        public double Kept => Median(Through, static f => f.Rate) / Median(Straight, static f => f.Rate);
    }
}
