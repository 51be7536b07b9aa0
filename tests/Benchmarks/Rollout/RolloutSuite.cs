using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Core.Rollout;
using InferenceOperator.Core.Tests.Rollout.Trials;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Rollout;

/// <summary>What the gate of roll-outs promises, over thousands of simulated hours: how often an equal revision is sent back, how soon a worse one is.</summary>
/// <param name="seeds">Hours of each story.</param>
internal sealed class RolloutSuite(int seeds)
{
    /// <summary>Bar for the worst story, over chance: 2.6 standard deviations of so many hours.</summary>
    private double AlarmsMax => RolloutEvidence.FalseAlarms + (2.6 * Math.Sqrt(RolloutEvidence.FalseAlarms / seeds));

    public SuiteReport Run()
    {
        var equal = GateScenario.Equal.Select(story => (Story: story, Learns: Trials(story, learns: true), Fixed: Trials(story, learns: false))).ToList();
        var worse = GateScenario.Worse.Select(story => (Story: story, Learns: Trials(story, learns: true))).ToList();
        return new SuiteReport(
            "rollout",
            Invariant($"{Machine.Describe()}; seeds 1 to {seeds}; simulated, 100 requests/s to each replica, blocks of {DisturbedFleet.BlockSeconds} s, 1 % of requests may miss the SLO, margin 1.5"),
            [
                new("An equal revision, watched for an hour", ["story", "missed, %", "sent back, %", "with a bet each block, %", "may take over, %", "median s until then", "blocks of a bet, median"], [.. equal.Select(static e => Row(e.Story, e.Learns, e.Fixed))]),
                new("A worse revision", ["story", "missed, %", "sent back, %", "may have taken over before, %", "s until sent back: median", "90 %", "stated", "99 %"], [.. worse.Select(static w => Row(w.Story, w.Learns))]),
            ],
            [
                Bar.AtMost("equal revisions sent back, worst story", 100 * AlarmsMax, 100 * equal.Max(static e => Alarms(e.Learns)), " %"),
                Bar.AtLeast(
                    "worse revisions sent back within the time of their story, worst story", 0.9,
                    worse.Where(static w => double.IsFinite(w.Story.SentBackWithin)).Min(static w => (double)w.Learns.Count(t => t.SentBackAfter <= w.Story.SentBackWithin) / w.Learns.Count)),
            ]);
    }

    private List<GateTrial> Trials(GateScenario story, bool learns) => [.. Enumerable.Range(1, seeds).AsParallel().AsOrdered().Select(seed => story.Run(seed, learns))];

    private static double Alarms(IReadOnlyCollection<GateTrial> trials) => (double)trials.Count(static t => t.SentBackAfter is not null) / trials.Count;

    private static string[] Row(GateScenario story, List<GateTrial> learns, IReadOnlyCollection<GateTrial> @fixed) =>
    [
        story.Name,
        Invariant($"{100 * learns.Average(static t => t.Missed):0.00}"),
        Invariant($"{100 * Alarms(learns):0.00}"),
        Invariant($"{100 * Alarms(@fixed):0.00}"),
        Invariant($"{100.0 * learns.Count(static t => t.ReadyAfter is not null) / learns.Count:0.0}"),
        Quantile(learns.Select(static t => t.ReadyAfter ?? double.PositiveInfinity), 0.5),
        Quantile(learns.Select(static t => (double)t.LatencyBlocks), 0.5),
    ];

    private static string[] Row(GateScenario story, List<GateTrial> trials)
    {
        var after = trials.Select(static t => t.SentBackAfter ?? double.PositiveInfinity).ToList();
        return
        [
            story.Name,
            Invariant($"{100 * trials.Average(static t => t.Missed):0.00}"),
            Invariant($"{100 * Alarms(trials):0.00}"),
            Invariant($"{100.0 * trials.Count(static t => t.ReadyAfter is not null) / trials.Count:0.0}"),
            Quantile(after, 0.5),
            Quantile(after, 0.9),
            double.IsFinite(story.SentBackWithin) ? Invariant($"{story.SentBackWithin}") : "–",
            Quantile(after, 0.99),
        ];
    }

    private static string Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToList();
        var value = sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];
        return double.IsFinite(value) ? Invariant($"{value:0}") : "–";
    }
}
