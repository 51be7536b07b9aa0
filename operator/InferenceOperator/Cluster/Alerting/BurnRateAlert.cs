using System.Collections.Immutable;

namespace InferenceOperator.Cluster.Alerting;

/// <summary>One pair of windows in which an error budget may burn too fast. The budget is for 30 days.</summary>
/// <param name="Name">Name of the alert; two pairs share one.</param>
/// <param name="Severity">Value of the label <c>severity</c>.</param>
/// <param name="Factor">How many times too fast: at 1, the budget lasts just its 30 days.</param>
/// <param name="Long">The window that says that it matters, as PromQL writes it.</param>
/// <param name="Short">The window that says that it still goes on; the alert ends with it.</param>
/// <param name="Budget">Percent of the budget that has burned when the long window is full.</param>
/// <remarks>Source: Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts" (https://sre.google/workbook/alerting-on-slos/).</remarks>
internal sealed record BurnRateAlert(string Name, string Severity, decimal Factor, string Long, string Short, decimal Budget)
{
    public const string Fast = "InferenceAgentBudgetBurnsFast";
    public const string Slow = "InferenceAgentBudgetBurnsSlowly";

    /// <summary>Requests that missed the SLO in the long window below which nobody is called: two of three at night are no outage.</summary>
    public const int MissesMin = 10;

    public static ImmutableArray<BurnRateAlert> All { get; } =
    [
        new(Fast, AlertSeverity.Critical, 14.4m, "1h", "5m", 2m),
        new(Fast, AlertSeverity.Critical, 6m, "6h", "30m", 5m),
        new(Slow, AlertSeverity.Warning, 3m, "1d", "2h", 10m),
        new(Slow, AlertSeverity.Warning, 1m, "3d", "6h", 10m),
    ];

    /// <summary>Every window of <see cref="All"/>, shortest first.</summary>
    public static ImmutableArray<string> Windows { get; } = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];

    /// <summary>The share of misses above which it fires, for an objective such as 0.99.</summary>
    public decimal MissShare(decimal objective) => Factor * (1 - objective);

    /// <summary>Whether it can fire at all: with a low objective, a fast burn would need more than all requests to miss.</summary>
    public bool CanFire(decimal objective) => MissShare(objective) < 1;
}
