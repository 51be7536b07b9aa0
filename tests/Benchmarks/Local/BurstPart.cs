using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>The same step with and without a burst variant: that it answers while a replica starts, and goes afterwards.</summary>
internal sealed class BurstPart
{
    /// <summary>The target, executions of a request long.</summary>
    private const double SloExecutions = 20;

    private readonly OthersUse _others = new();

    /// <summary>Runs both, four minutes.</summary>
    public async Task<(IReadOnlyList<ReportTable> Tables, IReadOnlyList<Bar> Bars)> RunAsync(string folder, CancellationToken cancellationToken)
    {
        var request = await LocalStep.RowSecondsAsync(folder, cancellationToken) * new BurstPlan(1, 1).Rows;
        var plan = new BurstPlan(Math.Round(1 / request, 1), Math.Round(SloExecutions * request, 3));
        var alone = await RunAsync(plan, folder, hasBurst: false, cancellationToken);
        var helped = await RunAsync(plan, folder, hasBurst: true, cancellationToken);
        _others.Look();
        return ([Compared(plan, alone, helped), BySecond(helped)],
        [
            // What was done holds on a busy machine too; how well it went is another matter.
            Bar.AtMost("burst variant: seconds from the step until it answers", 5, helped.CameAfter ?? double.PositiveInfinity),
            Bar.AtLeast("burst variant: requests that it answered", 1, helped.ByBurst),
            Bar.AtLeast("burst variant: replicas ready at the most", plan.ReplicasMax, helped.MostReady),
            Bar.AtMost("burst variant: seconds from the end of the step until the model answers again", plan.AfterSeconds, helped.WentAfter ?? double.PositiveInfinity),
            Bar.AtMost("burst variant: requests lost or refused", 0, helped.Due - helped.Answered),
            .. _others.Judge([Bar.AtLeast("burst variant: attainment over that without it", 1, helped.Attainment / alone.Attainment)]),
        ]);
    }

    private static async Task<BurstOutcome> RunAsync(BurstPlan plan, string folder, bool hasBurst, CancellationToken cancellationToken)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, hasBurst ? "burst" : "alone")).FullName;
        return await new BurstStep(plan, own, hasBurst).RunAsync(cancellationToken);
    }

    private static ReportTable Compared(BurstPlan plan, BurstOutcome alone, BurstOutcome helped) => new(
        Invariant($"A step to {BurstPlan.HighShare} of what a replica carries for {plan.HighSeconds} s, SLO p99 within {plan.SloSeconds * 1000:0} ms"),
        ["burst variant", "requests due", "answered", "within the SLO at the client, %", "answered by the variant", "came after, s", "went after, s"],
        [Row("none", alone), Row("the first of three layers", helped)]);

    private static IReadOnlyList<string> Row(string name, BurstOutcome run) =>
    [
        name, Invariant($"{run.Due}"), Invariant($"{run.Answered}"), Invariant($"{100 * run.Attainment:0.00}"), Invariant($"{run.ByBurst:0}"),
        run.CameAfter is { } came ? Invariant($"{came}") : "–", run.CameAfter is not null && run.WentAfter is { } went ? Invariant($"{went}") : "–",
    ];

    private static ReportTable BySecond(BurstOutcome run) => new(
        "With the burst variant: around the step, where something changes, and every five seconds",
        ["second", "phase", "answered", "p99 ms", "replicas ready", "answers"],
        [
            .. run.Seconds.Select(static (second, i) => (Second: second, Index: i)).Where(s => s.Second.Phase >= 0 && (s.Index % 5 == 0 || Changes(run, s.Index)))
                .Select(static s => (IReadOnlyList<string>)[Invariant($"{s.Index + 1}"), s.Second.Phase == 1 ? "high" : "low", Invariant($"{s.Second.Answered}"), Invariant($"{s.Second.P99Ms:0.0}"), Invariant($"{s.Second.Ready}"), s.Second.Answers]),
        ]);

    private static bool Changes(BurstOutcome run, int index) => index > 0 && run.Seconds[index - 1] is var before && run.Seconds[index] is var now
        && (before.Phase != now.Phase || before.Ready != now.Ready || before.Answers != now.Answers);
}
