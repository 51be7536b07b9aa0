using System.Collections.Immutable;
using static System.FormattableString;

namespace InferenceOperator.Demo;

/// <summary>What the demo promises, held against what happened.</summary>
/// <param name="Checks">Each promise in words, and whether it was kept.</param>
internal sealed record DemoVerdict(ImmutableArray<(string Promise, bool Kept)> Checks)
{
    /// <summary>Seconds on end within the SLO, after replicas went up, that count as "met".</summary>
    public const int SteadySeconds = 5;

    private const int HighPhase = 1;

    /// <summary>True when every promise was kept.</summary>
    public bool Kept => Checks.All(static check => check.Kept);

    /// <summary>Judges a run of three phases: low, high, low.</summary>
    /// <param name="seconds">The table, in order.</param>
    /// <param name="totals">The client's report.</param>
    /// <param name="slo">Latency that 99 % of each second's requests must not exceed.</param>
    public static DemoVerdict Of(IReadOnlyList<DemoSecond> seconds, LoadTotals totals, TimeSpan slo)
    {
        var most = seconds.Max(static second => second.ReadyReplicas);
        var least = seconds.Min(static second => second.ReadyReplicas);
        var limits = seconds.Select(static second => second.BatchLimit).Where(static limit => limit > 0).Distinct().ToArray();
        var longest = LongestWithin([.. seconds.Where(second => second.Load.Phase == HighPhase && second.ReadyReplicas > seconds[0].ReadyReplicas)], slo);
        return new DemoVerdict(
        [
            (Invariant($"every reply equals the model's answer for that row alone ({totals.Answered} replies, {totals.Wrong} differ)"), totals is { Answered: > 0, Wrong: 0 }),
            (Invariant($"no request was lost or refused ({totals.Due} due, {totals.Answered} answered)"), totals.Due == totals.Answered),
            (Invariant($"the batch limit moved ({string.Join(" → ", limits)} rows)"), limits.Length > 1),
            (Invariant($"replicas went up ({seconds[0].ReadyReplicas} → {most})"), most > seconds[0].ReadyReplicas && least > 0),
            (Invariant($"and came down ({most} → {seconds[^1].ReadyReplicas})"), seconds[^1].ReadyReplicas < most),
            (Invariant($"with them the SLO was met within the high phase (p99 within {slo.TotalMilliseconds} ms for {longest} seconds on end)"), longest >= SteadySeconds),
        ]);
    }

    private static int LongestWithin(IReadOnlyList<DemoSecond> seconds, TimeSpan slo)
    {
        var longest = 0;
        var run = 0;
        foreach (var second in seconds)
        {
            run = second.Load is { Answered: > 0, NotAnswered: 0 } && second.Load.P99 <= slo ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
