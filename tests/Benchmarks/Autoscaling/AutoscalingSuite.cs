using System.Globalization;
using InferenceOperator.Benchmarks.Autoscaling.Scarcity;
using InferenceOperator.Benchmarks.Model;
using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Simulation.Runs;
using InferenceOperator.Testing;

namespace InferenceOperator.Benchmarks.Autoscaling;

/// <summary>Our controller against the peers on the held-back days of a trace; nothing is tuned on them.</summary>
/// <remarks>
/// At its own rate the trace takes one to three replicas of the fit, so that what policies ask for differs by rounding alone. The days are therefore judged at
/// their own rate and at <paramref name="rateScale"/> times it, the two hours at that; what happens in them at the trace's own is shown beside it, without bars.
/// Days follow each other in one run, as they do for a controller; an hour begins with a controller that knows nothing.
/// </remarks>
/// <param name="rateScale">Rates times this, above 0.</param>
/// <param name="seeds">Seeds of the two hours, at least 1; days have one.</param>
/// <param name="days">Held-back days that are run, 0 to 4.</param>
/// <param name="parts">Of <see cref="Parts"/> those that are run; empty for all.</param>
/// <param name="progress">Told of each run that is done.</param>
internal sealed class AutoscalingSuite(double rateScale, int seeds, int days, IReadOnlyCollection<string> parts, Action<string> progress)
{
    private const string Days = "days";
    private const string Hours = "hours";
    private const string Cases = "cases";

    /// <summary>The held-back days; their two busy hours; levers, variants, drift, noise, cost and scarcity.</summary>
    public static readonly string[] Parts = [Days, Hours, Cases];

    private const string Ours = "operator";
    private const string Hpa = "hpa-rate=70";
    private const double StartUp = 30;
    private const int FirstDay = 10;

    /// <summary>Requests that may wait where the queue is bounded: a full batch.</summary>
    private const int Bound = 64;

    private static readonly string[] Shown =
    [
        "attainment_percent", "violations", "p99_ms", "good_minutes_percent", "gpu_hours", "gpu_hours_over_bound", "scale_actions_per_hour", "reversals_per_hour", "recovery_p95_s",
    ];

    private static readonly string[] HpaTargets = ["hpa-rate=60", Hpa, "hpa-rate=80"];
    private static readonly string[] KpaTargets = ["kpa-rate=60", "kpa-rate=70", "kpa-rate=75", "kpa-rate=80", "kpa-rate=90"];

    private static readonly ServiceFit Fit = new() { Fixed = 0.006, PerRow = 0.0005, Noise = 0.05 };

    /// <summary>Begins of the two busiest hours that lie a day apart, hours of the trace.</summary>
    private static readonly int[] BusyHours = [256, 284];

    public SuiteReport Run()
    {
        var (tables, bars) = (new List<ReportTable>(), new List<Bar>());
        var path = Repository.File("tests", "Benchmarks", "traces", "servegen-m-small-600s.csv");
        var trace = (Workload.Drawn)TraceText.Read(path, File.ReadLines(path), 1, 1, null);
        foreach (var scale in new[] { 1, rateScale }.Distinct().Where(_ => days > 0 && Asks(Days)))
        {
            var profile = trace.Profile.Part(FirstDay * 86_400.0, (FirstDay + days) * 86_400.0, scale);
            Compare(FormattableString.Invariant($"days {FirstDay + 1} to {FirstDay + days}, {Times(scale)}"), profile, 1, tables, bars);
        }

        foreach (var hour in BusyHours.Where(_ => Asks(Hours)))
        {
            Compare(FormattableString.Invariant($"hour {hour}, {Times(rateScale)}"), trace.Profile.Part(hour * 3600.0, (hour + 1) * 3600.0, rateScale), seeds, tables, bars);
            var own = RunsOf(FormattableString.Invariant($"hour {hour}, {Times(1)}, unbounded queue (no bars)"), Scenario(trace.Profile.Part(hour * 3600.0, (hour + 1) * 3600.0)), seeds);
            own.Prepare([Ours, Hpa, .. KpaTargets, "static-peak", "oracle", "kpa-default", "ray-serve-default", "wva", "inferline", "clipper", "clairvoyant"]);
            tables.Add(Table(own));
        }

        if (Asks(Cases))
        {
            bars.AddRange(Joint(trace, tables));
            bars.AddRange(Variant(trace));
            bars.AddRange([Drift(), Noise(), Cost()]);
            var (divisions, divided) = new ScarcityPart(trace.Profile).Run();
            tables.Add(divisions);
            bars.AddRange(divided);
        }

        return new("autoscaling", Machine.Describe(), tables, bars);
    }

    private bool Asks(string part) => parts.Count == 0 || parts.Contains(part);

    private void Compare(string name, RateProfile profile, int seeds, List<ReportTable> tables, List<Bar> bars)
    {
        var scenario = Scenario(profile);
        var free = RunsOf($"{name}, unbounded queue", scenario, seeds);
        var bounded = RunsOf($"{name}, queue of {Bound}", scenario with { Plant = scenario.Plant with { QueueBound = Bound } }, seeds);
        var late = RunsOf($"{name}, metrics 60 s old", scenario with { Metrics = new() { AgeSeconds = 60 } }, seeds);
        free.Prepare([Ours, Hpa, .. KpaTargets, "kpa-rate=91", "kpa-rate=49", "static-peak", "oracle"]);
        bounded.Prepare([Ours, .. HpaTargets, .. KpaTargets]);
        late.Prepare(Ours);
        tables.AddRange([Table(free), Table(bounded), Table(late)]);
        bars.AddRange(AgainstHpa(free, bounded));
        bars.AddRange(AgainstKpa(free, bounded));
        bars.Add(Bar.AtLeast($"{name}: attainment, %", 99, 100 * free.Mean(Ours, static r => r.Attainment)));
        bars.Add(AgainstPeak(name, free));
        bars.Add(Bar.AtMost($"{name}: GPU-hours over the bound", 1.25, free.Mean(Ours, static r => r.GpuHours / r.BoundGpuHours)));
        bars.Add(Bar.AtMost($"{name}: attainment lost with metrics 60 s old, points", 2, 100 * (free.Mean(Ours, static r => r.Attainment) - late.Mean(Ours, static r => r.Attainment))));
    }

    /// <summary>Where the bound itself takes more of the peak than that, no policy reaches it.</summary>
    private static Bar AgainstPeak(string name, Runs free)
    {
        const double most = 0.75;
        var bound = free.Mean(Ours, static r => r.BoundGpuHours) / free.Mean("static-peak", static r => r.GpuHours);
        var bar = Bar.AtMost($"{name}: GPU-hours over static peak", most, Ratio(free, "static-peak", static r => r.GpuHours));
        return bound > most ? bar.But(FormattableString.Invariant($"the rate is near its peak all the time: the bound itself takes {bound:0.00} of static peak")) : bar;
    }

    private static IEnumerable<Bar> AgainstHpa(Runs free, Runs bounded)
    {
        yield return Bar.AtMost($"{free.Name}: violations over HPA at 70 %", 0.5, Ratio(free, Hpa, static r => r.Violations));
        yield return Bar.AtMost($"{free.Name}: GPU-hours over HPA at 70 %", 0.95, Ratio(free, Hpa, static r => r.GpuHours));
        var equal = new Frontier(HpaTargets.Select(bounded.Of)).At(bounded.Mean(Ours, static r => r.GpuHours));
        yield return Bar.AtMost($"{bounded.Name}: violations over HPA at equal cost", 0.65, Share(1 - bounded.Mean(Ours, static r => r.Attainment), 1 - equal));
    }

    private static IEnumerable<Bar> AgainstKpa(Runs free, Runs bounded)
    {
        foreach (var (runs, least) in new[] { (free, 0.5), (bounded, -0.1) })
        {
            var equal = new Frontier(KpaTargets.Select(runs.Of)).At(runs.Mean(Ours, static r => r.GpuHours));
            var bar = Bar.AtLeast($"{runs.Name}: attainment over KPA at equal cost, points", least, 100 * (runs.Mean(Ours, static r => r.Attainment) - equal));
            yield return 100 * (1 - equal) < least ? bar.But(FormattableString.Invariant($"KPA attains {100 * equal:0.00} % there: so many points are not left")) : bar;
        }

        var best = KpaTargets.MinBy(k => Math.Abs(free.Mean(k, static r => r.GpuHours) - free.Mean(Ours, static r => r.GpuHours)))!; // There are targets.
        yield return Bar.AtMost($"{free.Name}: scale actions over {best}", 0.6, Ratio(free, best, static r => r.ScaleActions));
        yield return Bar.AtMost($"{free.Name}: violations over a target 30 % too high", 0.5, Ratio(free, "kpa-rate=91", static r => r.Violations));
        yield return Bar.AtMost($"{free.Name}: GPU-hours over a target 30 % too low", 0.85, Ratio(free, "kpa-rate=49", static r => r.GpuHours));
    }

    /// <summary>Both levers against each alone: the batch limit with as many replicas as the mean rate takes, and replicas with a batch limit that stays.</summary>
    private IEnumerable<Bar> Joint(Workload.Drawn trace, List<ReportTable> tables)
    {
        const string batches = "operator-batches", replicas = "operator-replicas";
        var hour = BusyHours[^1];
        var runs = RunsOf(FormattableString.Invariant($"hour {hour}, the trace's own rate, one lever or both"), Scenario(trace.Profile.Part(hour * 3600.0, (hour + 1) * 3600.0)), seeds);
        runs.Prepare(Ours, batches, replicas);
        tables.Add(Table(runs));
        yield return Bar.AtMost("both levers over the batch limit alone: violations", 0.99, Ratio(runs, batches, static r => r.Violations));
        yield return Bar.AtMost("both levers over replicas alone: GPU-hours", 0.99, Ratio(runs, replicas, static r => r.GpuHours));
        yield return Bar.AtLeast("both levers over replicas alone: attainment, points", -0.05, 100 * (runs.Mean(Ours, static r => r.Attainment) - runs.Mean(replicas, static r => r.Attainment)));
    }

    private IEnumerable<Bar> Variant(Workload.Drawn trace)
    {
        foreach (var (startUp, least) in new[] { (30.0, 99.8), (100.0, 99.4) })
        {
            var worst = BusyHours.Min(hour =>
            {
                var scenario = Scenario(trace.Profile.Part(hour * 3600.0, (hour + 1) * 3600.0, rateScale));
                var plant = scenario.Plant with { StartUp = new StartUp.Always(startUp), Service = Fit with { BurstSpeed = 2 } };
                return RunsOf("burst variant", scenario with { Plant = plant }, seeds).Mean(Ours, static r => r.Attainment);
            });
            yield return Bar.AtLeast(FormattableString.Invariant($"with a variant of twice the speed while replicas start, {startUp} s, {rateScale} times the rate: attainment, %"), least, 100 * worst);
        }
    }

    private Bar Drift()
    {
        var scenario = Scenario(RateProfile.Constant(5000, 1800));
        var runs = RunsOf("service time times 1.5", scenario with { Plant = scenario.Plant with { Service = Fit with { Drifts = [new(900, 1.5)] } } }, 3);
        return Bar.AtMost("service time times 1.5: longest time out of the SLO", StartUp + 60, runs.Of(Ours).Max(static r => r.Recovery.LongestSeconds), " s");
    }

    private Bar Noise()
    {
        var runs = RunsOf("noise", Scenario(RateProfile.Constant(5000, 4200)) with { Metrics = new() { Noise = 0.2 } }, 3);
        return Bar.AtMost("20 % noise at constant load: changes of direction in 10 min", 1, runs.Of(Ours).Max(static r => r.Reversals / r.Hours / 6));
    }

    private static Bar Cost()
    {
        var fleet = new AgentFleet(agents: 1000, replicas: 3);
        fleet.MillisecondsPerStep(10);
        return Bar.AtMost("1,000 agents of 3 replicas: processor time of a decision", 1, fleet.MillisecondsPerStep(5), " ms");
    }

    private static string Times(double scale) => scale == 1 ? "the trace's own rate" : FormattableString.Invariant($"{scale} times the rate");

    private Runs RunsOf(string name, Scenario scenario, int seeds) => new(name, scenario, seeds, progress);

    private static Scenario Scenario(RateProfile profile) => new()
    {
        Workload = new Workload.Drawn(profile),
        Plant = new() { Service = Fit, StartUp = new StartUp.Always(StartUp) },
        SloSeconds = 0.05,
    };

    private static double Ratio(Runs runs, string peer, Func<RunResult, double> figure) => Share(runs.Mean(Ours, figure), runs.Mean(peer, figure));

    private static double Share(double ours, double theirs) => ours == 0 ? 0 : ours / theirs;

    private static ReportTable Table(Runs runs)
    {
        var figures = Shown.Select(static name => ResultFigure.All.Single(f => f.Name == name)).ToList();
        return new(runs.Name, ["policy", .. figures.Select(static f => f.Title)], [.. runs.Done.Select(done => (IReadOnlyList<string>)[done.Policy, .. figures.Select(f => Text(f, f.Over(done.Runs)))])]);
    }

    private static string Text(ResultFigure figure, Estimate e)
    {
        string Number(double value) => value.ToString(figure.Format, CultureInfo.InvariantCulture);
        return e.Low == e.High ? Number(e.Mean) : $"{Number(e.Mean)} [{Number(e.Low)}, {Number(e.High)}]";
    }
}
