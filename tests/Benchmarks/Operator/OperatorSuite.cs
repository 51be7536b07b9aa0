using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using InferenceOperator.Benchmarks.Local;
using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Testing;
using InferenceOperator.Testing.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Operator;

/// <summary>The operator as a process on a real etcd and kube-apiserver, with a fake node that makes pods ready at once.</summary>
/// <param name="atOnce">Agents that are applied at once.</param>
/// <param name="many">Agents in the end, at least <paramref name="atOnce"/>.</param>
/// <param name="quick">Shorter windows.</param>
internal sealed class OperatorSuite(int atOnce, int many, bool quick)
{
    /// <summary>The sizes for which the bars are stated.</summary>
    public const int AtOnceStated = 1000;

    /// <inheritdoc cref="AtOnceStated"/>
    public const int ManyStated = 5000;

    private const double PerSecond = 5;

    /// <summary>Each agent has Services with addresses; the tests' server has room for 254.</summary>
    private static readonly string[] ManyServices = ["--service-cluster-ip-range=10.0.0.0/16"];

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly List<IReadOnlyList<string>> _rows = [];
    private readonly OthersUse _others = new();
    private LeaseRenewals? _leases;

    public async Task<SuiteReport> RunAsync(CancellationToken cancellationToken)
    {
        await using var server = await KubeApiServer.StartAsync(ManyServices, cancellationToken);
        await InstallAsync(server, cancellationToken);
        using var client = KubernetesClient.Connect(
            KubernetesConfig.Load(server.AdminKubeconfig, context: null), new() { QueriesPerSecond = 100_000, Burst = 100_000 }, NullLoggerFactory.Instance);
        await client.CreateAsync(
            Resource.Untyped(ResourceType.Namespaces), new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Population.Namespace } }, cancellationToken);
        var agents = new Population(client, _time);
        using var node = new FakeNode(client, agents.DeploymentSeen, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _leases = new LeaseRenewals(client);
        Task[] background = [agents.RunAsync(stop.Token), node.RunAsync(stop.Token), _leases.RunAsync(stop.Token)];
        try
        {
            var bars = await MeasureAsync(server, agents, cancellationToken);
            _others.Look();
            bars = [.. bars.Select(bar => bar.Holds is Verdict.FullOnly || bar.Name.StartsWith("writes", StringComparison.Ordinal) ? bar : _others.Judge([bar])[0])];
            return new("operator", Machine.Describe(), [new("Phases", ["phase", "agents", "seconds", "ready after, s", "writes", "renewals of the Lease", "reads", "throttled, s", "operator's processor, s", "resident, MiB", "peak, MiB"], _rows)], bars);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(background);
        }
    }

    private async Task<IReadOnlyList<Bar>> MeasureAsync(KubeApiServer server, Population agents, CancellationToken cancellationToken)
    {
        var bars = new List<Bar>();
        using (var first = await OperatorProcess.StartAsync(server.AdminKubeconfig, cancellationToken))
        {
            await PhaseAsync("warm-up: one agent", first, agents, () => agents.ApplyAsync(1, cancellationToken), cancellationToken);
            var burst = await PhaseAsync(Invariant($"{atOnce} at once"), first, agents, () => agents.ApplyAsync(atOnce, cancellationToken), cancellationToken);
            bars.Add(Stated(atOnce >= AtOnceStated, Bar.AtMost(Invariant($"{AtOnceStated} agents applied at once, all reconciled"), 60, burst, " s")));

            double[] latencies = [];
            await PhaseAsync(Invariant($"{PerSecond} a second"), first, agents, async () => latencies = await agents.ApplyEvenlyAsync(quick ? 50 : 300, PerSecond, cancellationToken), cancellationToken);
            bars.Add(Bar.AtMost("5 agents a second, manifest to children, p95", 1, Quantile(latencies, 0.95), " s"));
            bars.Add(Bar.AtMost("5 agents a second, manifest to children, p99", 3, Quantile(latencies, 0.99), " s"));

            var rest = many - agents.Count;
            if (rest > 0)
            {
                burst += await PhaseAsync(Invariant($"{rest} more at once"), first, agents, () => agents.ApplyAsync(rest, cancellationToken), cancellationToken);
            }

            bars.Add(Stated(many >= ManyStated, Bar.AtMost(Invariant($"{ManyStated} agents, all reconciled"), 360, burst, " s")));
            bars.Add(Stated(many >= ManyStated, Bar.AtMost(Invariant($"{ManyStated} agents, most resident memory"), 400, first.ResidentMiB.Peak, " MiB")));
            await SettleAsync(first, cancellationToken);
            var (writes, share) = await SteadyAsync("nothing changes", first, agents, cancellationToken);
            bars.Add(Stated(!quick, Bar.AtMost("writes while nothing changes", 0, writes)));
            bars.Add(Bar.AtMost("processor while nothing changes, share of a core", 0.02, share));
            await first.StopAsync();
        }

        var renewals = _leases!.Count; // Set before anything is measured.
        using var second = await OperatorProcess.StartAsync(server.AdminKubeconfig, cancellationToken);
        var start = _time.GetTimestamp();
        var figures = await second.FiguresAsync(cancellationToken);
        while (figures.Agents < agents.Count || figures.Steps < agents.Count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), _time, cancellationToken);
            figures = await second.FiguresAsync(cancellationToken);
        }

        var converged = _time.GetElapsedTime(start).TotalSeconds;
        AddRow("restart", agents, converged, "", figures, new(0, 0, 0, 0, 0), renewals, second.CpuSeconds, second);
        bars.Add(Stated(many >= ManyStated, Bar.AtMost(Invariant($"restart with {ManyStated} agents, converged"), 60, converged, " s")));
        await SteadyAsync("after the restart", second, agents, cancellationToken);
        bars.Add(Stated(!quick, Bar.AtMost("writes after a restart", 0, (await second.FiguresAsync(cancellationToken)).Writes)));
        return bars;
    }

    /// <summary>Does it, and waits until all agents are reconciled.</summary>
    /// <returns>Seconds.</returns>
    private async Task<double> PhaseAsync(string name, OperatorProcess process, Population agents, Func<Task> act, CancellationToken cancellationToken)
    {
        var (before, renewals, processor, start) = (await process.FiguresAsync(cancellationToken), _leases!.Count, process.CpuSeconds, _time.GetTimestamp()); // Set before anything is measured.
        await act();
        await agents.UntilAsync(() => agents.Reconciled >= agents.Count, cancellationToken);
        var seconds = _time.GetElapsedTime(start).TotalSeconds;
        await agents.UntilAsync(() => agents.Ready >= agents.Count, cancellationToken);
        AddRow(name, agents, seconds, Text(_time.GetElapsedTime(start).TotalSeconds), await process.FiguresAsync(cancellationToken), before, renewals, process.CpuSeconds - processor, process);
        _others.Look();
        return seconds;
    }

    /// <summary>Waits until nothing has been written for longer than a status waits for its turn.</summary>
    private async Task SettleAsync(OperatorProcess process, CancellationToken cancellationToken)
    {
        var still = TimeSpan.FromSeconds(quick ? 5 : 40);
        var (writes, since) = ((await process.FiguresAsync(cancellationToken)).Writes, _time.GetTimestamp());
        while (_time.GetElapsedTime(since) < still)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time, cancellationToken);
            var now = (await process.FiguresAsync(cancellationToken)).Writes;
            (writes, since) = now == writes ? (writes, since) : (now, _time.GetTimestamp());
        }
    }

    private async Task<(double Writes, double Share)> SteadyAsync(string name, OperatorProcess process, Population agents, CancellationToken cancellationToken)
    {
        var window = TimeSpan.FromSeconds(quick ? 10 : 60);
        var (before, renewals, processor) = (await process.FiguresAsync(cancellationToken), _leases!.Count, process.CpuSeconds); // Set before anything is measured.
        await Task.Delay(window, _time, cancellationToken);
        var (after, used) = (await process.FiguresAsync(cancellationToken), process.CpuSeconds - processor);
        AddRow(name, agents, window.TotalSeconds, "", after, before, renewals, used, process);
        return (after.Writes - before.Writes, used / window.TotalSeconds);
    }

    private void AddRow(string name, Population agents, double seconds, string ready, OperatorFigures after, OperatorFigures before, long renewals, double processor, OperatorProcess process)
    {
        IReadOnlyList<string> row =
        [
            name, Invariant($"{agents.Count}"), Text(seconds), ready, Invariant($"{after.Writes - before.Writes:0}"), Invariant($"{_leases!.Count - renewals}"), Invariant($"{after.Reads - before.Reads:0}"),
            Text(after.ThrottledSeconds - before.ThrottledSeconds), Text(processor), Text(process.ResidentMiB.Now), Text(process.ResidentMiB.Peak),
        ];
        _rows.Add(row);
        Console.Error.WriteLine(string.Join(" | ", row));
    }

    private static Bar Stated(bool isStatedSize, Bar bar) => isStatedSize ? bar : bar with { Holds = new Verdict.FullOnly() };

    private static double Quantile(double[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];

    private static string Text(double value) => Invariant($"{value:0.0}");

    /// <summary>Installs the definition and waits until it is served.</summary>
    private async Task InstallAsync(KubeApiServer server, CancellationToken cancellationToken)
    {
        using var admin = server.NewAdminClient();
        using var definition = new StringContent(await File.ReadAllTextAsync(Repository.File("crds", "inferenceagents.inferenceoperator.io.yaml"), cancellationToken));
        definition.Headers.ContentType = new MediaTypeHeaderValue("application/yaml");
        using var answer = await admin.PostAsync(new Uri("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", UriKind.Relative), definition, cancellationToken);
        answer.EnsureSuccessStatusCode();
        while (true)
        {
            using var served = await admin.GetAsync(new Uri("/apis/inferenceoperator.io/v1alpha1/inferenceagents", UriKind.Relative), cancellationToken);
            if (served.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), _time, cancellationToken);
        }
    }
}
