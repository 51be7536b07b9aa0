using System.Globalization;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Tables;

namespace InferenceOperator.Decisions.Explain;

/// <summary>What would have been decided, and what it would have meant, with one thing another way.</summary>
/// <remarks>By the rules of this release; nothing is said of records of other rules.</remarks>
internal static class OtherwiseText
{
    public static IEnumerable<string> Guards(DecisionRecord d)
    {
        if (d.Guards.IsEmpty)
        {
            yield return "none bit";
        }

        foreach (var guard in d.Guards)
        {
            yield return $"{guard}: {GuardText.Meaning(guard)}{Without(guard, d)}";
        }
    }

    /// <summary>Latency by replicas, around those that count.</summary>
    public static IEnumerable<string> Replicas(DecisionRecord d)
    {
        if (d.Rules != DecisionRules.Current || d.Forecast is not { } forecast || d.CapacityPerReplica is not { } capacity)
        {
            return [];
        }

        var (decided, before) = (d.Proposed.Replicas, d.Basis.Current.Replicas);
        int[] numbers = [.. new[] { before, d.RequiredReplicas ?? decided, decided - 1, decided, decided + 1 }.Where(static n => n >= 1).Distinct().Order()];
        var table = new TextTable(" ", "replicas", $"p{d.Basis.Slo?.Latency.Percentile ?? "99"}", "in use", " ");
        foreach (var n in numbers)
        {
            var latency = DecisionRules.Decide(d.Basis with { Scaling = d.Basis.Scaling with { Replicas = n } }).PredictedSeconds;
            var isMissed = d.Basis.Slo is { } slo && !(latency <= slo.Latency.Target.Seconds);
            table.Add(
                n == decided ? "→" : "",
                n.ToString(CultureInfo.InvariantCulture),
                latency is null ? "∞" : Figures.Time(latency),
                Figures.Percent(Math.Round(forecast.RowsPerSecond / (n * capacity), 2)),
                latency is null ? "cannot keep up" : isMissed ? "misses the SLO" : "");
        }

        return table.Lines();
    }

    private static string Without(GuardRail guard, DecisionRecord d)
    {
        if (d.Rules != DecisionRules.Current || d.Basis.Measurement is Measurement.Unknown || GuardText.Without(guard, d.Basis) is not { } basis)
        {
            return "";
        }

        var other = DecisionRules.Decide(basis).Proposed;
        return other.Replicas == d.Proposed.Replicas && other.Batching.MaxSize == d.Proposed.Batching.MaxSize
            ? "; without it the same would have come out"
            : $"; without it: {Figures.Count(other.Replicas, "replica")}, batch limit {other.Batching.MaxSize}";
    }
}
