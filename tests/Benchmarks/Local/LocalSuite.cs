using InferenceOperator.Benchmarks.Autoscaling;
using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Simulation.Runs;
using InferenceOperator.Core.Simulation.Arrivals;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>
/// The local mode through a step to four times the rate, and what the simulator says of the same step when it is told the service time,
/// the start-up time and the latency that were measured before the step, and nothing of the step itself; a step with a burst variant; what the endpoint adds.
/// </summary>
internal sealed class LocalSuite
{
    private const string Ours = "operator";
    private const int Seeds = 20;

    /// <summary>After the step, the share of what one replica carries at most: with what is expected on top, one is not enough.</summary>
    private const double PeakShare = 0.85;

    /// <summary>The target, executions of a request long.</summary>
    private const double SloExecutions = 20;

    /// <summary>The parts, by name.</summary>
    public static readonly string[] Parts = [StepName, BurstName, EndpointName];

    private const string StepName = "step";
    private const string BurstName = "burst";
    private const string EndpointName = "endpoint";

    /// <summary>Runs these parts, or all.</summary>
    public async Task<SuiteReport> RunAsync(IReadOnlyCollection<string> parts, CancellationToken cancellationToken)
    {
        var (tables, bars) = (new List<ReportTable>(), new List<Bar>());
        foreach (var part in Parts.Where(name => parts.Count == 0 || parts.Contains(name)))
        {
            var folder = Directory.CreateTempSubdirectory($"local-{part}-").FullName;
            try
            {
                var (itsTables, itsBars) = part switch
                {
                    StepName => await StepAsync(folder, cancellationToken),
                    BurstName => await new BurstPart().RunAsync(folder, cancellationToken),
                    EndpointName => await new EndpointPart().RunAsync(folder, cancellationToken),
                    _ => throw new System.Diagnostics.UnreachableException(),
                };
                tables.AddRange(itsTables);
                bars.AddRange(itsBars);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return new("local", Machine.Describe(), tables, bars);
    }

    private static async Task<(IReadOnlyList<ReportTable> Tables, IReadOnlyList<Bar> Bars)> StepAsync(string folder, CancellationToken cancellationToken)
    {
        var row = await LocalStep.RowSecondsAsync(folder, cancellationToken);
        var plan = PlanFor(row);
        var step = new LocalStep(plan, folder);
        var measured = await step.RunAsync(cancellationToken);
        var before = new Runs("as known before the step", Simulated(plan, measured, measured.Before), Seeds, static _ => { });
        var after = new Runs("as known at the end", Simulated(plan, measured, measured.After), Seeds, static _ => { });
        var predicted = before.Mean(Ours, static r => r.Attainment);
        return ([Measured(plan, measured), BySecond(measured), Predicted(plan, measured, before, after)], step.Others.Judge(
        [
            Bar.AtLeast("attainment at the client through the step to 4 times the rate, %", 100 * plan.SloShare, 100 * measured.Attainment),
            Bar.AtLeast("replicas ready at the end", plan.ReplicasMax, measured.Seconds[^1].Ready),
            Bar.AtMost("attainment, the simulator's minus the measured, either way", 3, 100 * Math.Abs(predicted - measured.Attainment), " points"),
        ]));
    }

    private static StepPlan PlanFor(double rowSeconds)
    {
        var request = rowSeconds * new StepPlan(1, 1).Rows;
        return new(Math.Round(PeakShare / request / StepPlan.Factor, 1), Math.Round(SloExecutions * request, 3));
    }

    // A request is the simulator's row: its rows run in one execution, which no other request fits into.
    private static Scenario Simulated(StepPlan plan, StepOutcome measured, ModelFigures model)
    {
        var mean = ExecutionSeconds(plan, model);
        return new()
        {
            Workload = new Workload.Drawn(plan.Profile),
            Plant = new()
            {
                Service = new ServiceFit { Fixed = model.Fit.Fixed.Seconds, PerRow = model.Fit.PerRow.Seconds * plan.Rows, Noise = Math.Min(1, model.Fit.Residual.Seconds / mean) },
                StartUp = new StartUp.Always(model.StartUpSeconds),
                Routing = Routing.LeastOutstanding,
                MaxBatch = 1,
                OverheadSeconds = Math.Max(0, measured.LowP50Seconds - mean),
            },
            Metrics = new MetricsSettings { IntervalSeconds = 1 },
            SloSeconds = plan.SloSeconds,
            SloShare = plan.SloShare,
            Max = plan.ReplicasMax,
            Initial = 1,
            WarmUpSeconds = plan.WarmUpSeconds,
        };
    }

    private static double ExecutionSeconds(StepPlan plan, ModelFigures model) => model.Fit.Fixed.Seconds + (model.Fit.PerRow.Seconds * plan.Rows);

    private static ReportTable Measured(StepPlan plan, StepOutcome m) => new(
        "Local mode, language-transformer on the CPU, open loop",
        ["load, requests/s", "rows a request", "SLO", "requests due", "within the SLO at the client, %", "at the replicas, %"],
        [[
            Invariant($"{plan.Rate} for {plan.LowSeconds} s, {plan.Rate * StepPlan.Factor:0.0} for {plan.HighSeconds} s"), Invariant($"{plan.Rows}"), Invariant($"p{100 * plan.SloShare:0} within {plan.SloSeconds * 1000:0} ms"),
            Invariant($"{m.Due}"), Invariant($"{100 * m.Attainment:0.00}"), m.ServerAttainment is { } server ? Invariant($"{100 * server:0.00}") : "–",
        ]]);

    private static ReportTable BySecond(StepOutcome m) => new(
        "Around the step and every five seconds",
        ["second", "phase", "answered", "p99 ms", "replicas ready", "batch limit", "cores taken by others"],
        [
            .. m.Seconds.Select(static (s, i) => (Second: s, Index: i)).Where(s => s.Second.Phase >= 0 && (s.Index % 5 == 0 || IsAfterStep(m, s.Index)))
                .Select(static s => (IReadOnlyList<string>)[Invariant($"{s.Index + 1}"), s.Second.Phase == 0 ? "low" : "high", Invariant($"{s.Second.Answered}"), Invariant($"{s.Second.P99Ms:0.0}"), Invariant($"{s.Second.Ready}"), Invariant($"{s.Second.MaxBatch}"), Invariant($"{s.Second.Others:0.00}")]),
        ]);

    private static bool IsAfterStep(StepOutcome m, int index)
    {
        var step = m.Seconds.TakeWhile(static s => s.Phase < 1).Count();
        return index >= step - 1 && index < step + 8;
    }

    private static ReportTable Predicted(StepPlan plan, StepOutcome m, Runs before, Runs after) => new(
        Invariant($"The simulator, {Seeds} seeds"),
        ["told", "execution of b rows, ms", "of a request, ms", "residual, ms", "start-up, s", "predicted attainment, %", "least and most of the seeds, %", "measured at the client, %"],
        [.. new[] { (m.Before, before), (m.After, after) }.Select(told => Row(plan, m, told.Item1, told.Item2))]);

    private static IReadOnlyList<string> Row(StepPlan plan, StepOutcome m, ModelFigures model, Runs simulated)
    {
        var runs = simulated.Of(Ours);
        return
        [
            simulated.Name, Invariant($"{model.Fit.Fixed.Seconds * 1000:0.00} + {model.Fit.PerRow.Seconds * 1000:0.000}·b"), Invariant($"{ExecutionSeconds(plan, model) * 1000:0.00}"),
            Invariant($"{model.Fit.Residual.Seconds * 1000:0.00}"), Invariant($"{model.StartUpSeconds:0.00}"), Invariant($"{100 * runs.Average(static r => r.Attainment):0.00}"),
            Invariant($"{100 * runs.Min(static r => r.Attainment):0.00} to {100 * runs.Max(static r => r.Attainment):0.00}"), Invariant($"{100 * m.Attainment:0.00}"),
        ];
    }
}
