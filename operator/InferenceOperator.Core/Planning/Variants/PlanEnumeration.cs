using System.Collections.Immutable;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>
/// Finds the cheapest plan over variant × batch limit × replicas that holds the SLO, the accuracy floor, quota and bounds, by looking at all of them.
/// </summary>
/// <remarks>
/// Of replicas only the fewest that carry the demand are worth a look, since more cost more. Capacities are costly to find, so a candidate is
/// passed over where even b/s(b), which no capacity exceeds, would not make it the best. Pure.
/// </remarks>
internal static class PlanEnumeration
{
    /// <summary>A change of the variant costs what all replicas cost in this time: caches are cold, and its batch limit is learned anew.</summary>
    private static readonly TimeSpan SwitchTime = TimeSpan.FromSeconds(60);

    /// <summary>Least time for which is planned.</summary>
    private static readonly TimeSpan HoldMin = TimeSpan.FromSeconds(300);

    /// <summary>The least replicas that anything can take, so that prices compare also where the manifest allows none.</summary>
    private const int FewestToPrice = 1;

    /// <summary>Time for which is planned: what getting there costs is spread over it.</summary>
    public static TimeSpan HoldTime(TimeSpan startUp) => startUp * 3 > HoldMin ? startUp * 3 : HoldMin;

    public static PlanAnswer Of(PlanQuestion question)
    {
        PlanCandidate? best = null;
        var weighed = ImmutableArray.CreateBuilder<PlanCandidate>();
        foreach (var option in question.Options.Where(o => o.Service is not null && o.MayStay && o.IsResident && o.IsAccurate(question.AccuracyFloor)))
        {
            // From the largest limit down: it carries most, so that the others are seldom worth the work.
            foreach (var batch in option.Batches.Reverse())
            {
                var limit = batch / option.Service!.Upper(batch); // Filtered above.
                if (!question.WeighsAll && best is not null && batch != option.Batches[^1] && !option.Shown.Contains(batch) && PlanOrder.Instance.Compare(Candidate(question, option, batch, limit), best) >= 0)
                {
                    continue;
                }

                var capacity = option.Table.Capacity(batch) / question.Trim;
                var replicas = Replicas(question, capacity);
                var latency = option.Table.Latency(batch, question.Demand * question.Trim / Math.Max(FewestToPrice, replicas));
                var candidate = Candidate(question, option, batch, capacity);
                candidate = candidate with { PredictedSeconds = latency, Holds = candidate.Holds && latency <= option.Objective.TargetSeconds };
                weighed.Add(candidate);
                best = best is null || PlanOrder.Instance.Compare(candidate, best) < 0 ? candidate : best;
            }
        }

        var order = question.Options.Select(static o => o.Name).ToList();
        return new(best, [.. weighed.OrderBy(c => order.IndexOf(c.Variant)).ThenBy(static c => c.MaxSize)]);
    }

    private static PlanCandidate Candidate(PlanQuestion question, ModelOption option, int batch, double capacity)
    {
        var replicas = Replicas(question, capacity);
        var holds = !option.IsTooSlow && ReplicaNumber.Needed(question.Demand, capacity) <= question.ReplicasMax;
        var hold = HoldTime(question.StartUp);
        var starts = Math.Max(0, replicas - question.CurrentReplicas) * (question.StartUp / hold);
        var change = option.Name == question.Current ? 0 : Math.Max(FewestToPrice, replicas) * (SwitchTime / hold);
        var lost = question.AccuracyPrice * (1 - Math.Clamp(option.Accuracy ?? 0, 0, 1));
        return new(option.Name, batch, option.Service!.Upper(batch), capacity, replicas, null, (question.ReplicaPrice * (replicas + starts + change)) + lost, holds) // Only options that were measured come here.
        {
            Accuracy = option.Accuracy,
        };
    }

    private static int Replicas(PlanQuestion question, double capacity) =>
        Math.Clamp(ReplicaNumber.Needed(question.Demand, capacity), question.ReplicasMin, Math.Max(question.ReplicasMin, question.ReplicasMax));
}
