using System.Text.Json.Serialization;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>What is planned for.</summary>
/// <param name="TargetSeconds">Longest latency at the server; infinite without an SLO.</param>
/// <param name="Share">Share of requests within it.</param>
/// <param name="OverheadSeconds">Set aside for what is neither queue nor compute.</param>
public sealed record Objective(double TargetSeconds, double Share, double OverheadSeconds)
{
    /// <summary>Utilisation kept without an SLO, and where the SLO gives no capacity.</summary>
    public const double Utilisation = 0.7;

    /// <summary>The mean overhead is taken so many times, for its tail.</summary>
    private const double OverheadTail = 2;

    /// <summary>Share of the target below which an SLO that was infeasible is called feasible again.</summary>
    private const double FeasibleAgain = 0.95;

    /// <summary>The target planned for instead of an infeasible one, over the nearest feasible one.</summary>
    private const double BeyondNearest = 1.25;

    /// <summary>True: replicas are counted by utilisation, because the SLO cannot be bought with replicas.</summary>
    public bool SizesByUtilisation { get; init; }

    [JsonIgnore]
    public bool HasSlo => double.IsFinite(TargetSeconds);

    /// <summary>What queue and compute may take.</summary>
    [JsonIgnore]
    public double BudgetSeconds => TargetSeconds - OverheadSeconds;

    /// <summary>The objective as declared.</summary>
    public static Objective Of(SloSpec? slo, double meanOverheadSeconds) => slo is null
        ? new(double.PositiveInfinity, 0.99, 0)
        : new(slo.Latency.Target.Seconds, slo.Latency.Share, OverheadTail * meanOverheadSeconds);

    /// <summary>
    /// A row that just misses a batch waits for that execution and then for its own: two executions of a single row have to fit,
    /// or no number of replicas helps (any that did would idle almost always).
    /// </summary>
    /// <param name="service">What is known; null: nothing.</param>
    /// <param name="wasInfeasible">The last verdict, so that it does not flicker.</param>
    public SloVerdict Judge(ServiceTime? service, bool wasInfeasible)
    {
        if (!HasSlo)
        {
            return new SloVerdict.NotDeclared();
        }

        var single = service?.Mean(1) ?? double.NaN;
        var nearest = (2 * single) + OverheadSeconds;
        if (double.IsNaN(nearest))
        {
            return new SloVerdict.NotKnown();
        }

        var bar = TargetSeconds * (wasInfeasible ? FeasibleAgain : 1);
        return nearest <= bar
            ? new SloVerdict.Feasible()
            : new SloVerdict.Infeasible(nearest, $"one row takes {Text(single)} to execute and {Text(OverheadSeconds)} around it, and a request may have to wait for another: {Text(nearest)} is the least target that can be held, {Text(TargetSeconds)} is asked for; more replicas do not help, a faster model or device does");
    }

    /// <summary>The objective that planning aims at under a verdict: the nearest that can be held, without spending replicas on it.</summary>
    public Objective Under(SloVerdict verdict) =>
        verdict is SloVerdict.Infeasible infeasible ? this with { TargetSeconds = infeasible.NearestSeconds * BeyondNearest, SizesByUtilisation = true } : this;

    private static string Text(double seconds) => Duration.FromSecondsRounded(seconds).ToString();
}
