using System.Globalization;
using InferenceOperator.Core.Control;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>
/// The second lever, after the batch limit and before replicas: while the ready replicas do not carry the demand, a faster variant that they have
/// in memory answers in the steady one's place. It comes within a step, and goes when they have done without it for <see cref="CalmTime"/>.
/// </summary>
/// <remarks>
/// All or nothing: each variant has a queue of its own, and two that share a device stretch each other's executions, which the batch limits do not
/// allow for. Pure.
/// </remarks>
internal static class BurstPlanner
{
    /// <summary>Time for which the replicas have to suffice before it goes.</summary>
    public static readonly TimeSpan CalmTime = TimeSpan.FromSeconds(30);

    /// <summary>With so much more capacity than demand they suffice whatever the plan asks for.</summary>
    public const double Ample = 1.25;

    /// <summary>A variant has to carry so much more than the steady one to be worth its accuracy.</summary>
    private const double Faster = 1.05;

    public static BurstPlan Plan(BurstSituation now) =>
        now.State.Variant is { } variant ? Stay(now, variant) : Come(now);

    private static BurstPlan Come(BurstSituation now)
    {
        if (now.Options.IsEmpty || now.Demand is not { } demand || now.Capacity is not { } capacity || now.Ready == 0 || demand <= now.Ready * capacity)
        {
            return new(BurstState.None, null, "");
        }

        if (now.BatchFirst)
        {
            return new(BurstState.None, GuardRail.BatchFirst, "");
        }

        return Choose(now, demand, capacity) is { } chosen
            ? new(new(chosen.Name, null), null, string.Create(CultureInfo.InvariantCulture, $"{chosen.Name} answers until there are enough replicas: {demand:0.#} rows/s are there and {now.Ready} ready carry {now.Ready * capacity:0.#}"))
            : new(BurstState.None, GuardRail.BurstNotFaster, "");
    }

    private static BurstPlan Stay(BurstSituation now, string variant)
    {
        if (now.Options.FirstOrDefault(o => o.Name == variant) is not { } option)
        {
            return new(BurstState.None, null, $"{variant} may no longer answer");
        }

        // Unknown traffic, or a service time that is not known: nothing changes, and nothing counts as calm.
        if (now.Demand is not { } demand || now.Capacity is not { } capacity)
        {
            return new(now.State with { CalmSince = null }, null, "");
        }

        if (option.Capacity <= capacity * Faster)
        {
            return new(BurstState.None, GuardRail.BurstNotFaster, $"{variant} carries {option.Capacity:0} rows/s per replica, no more than what it stands in for");
        }

        var suffices = now.Ready * capacity > Ample * demand || (now.Required <= now.Ready && now.Pending == 0 && !now.IsAtRisk && demand <= now.Ready * capacity);
        if (!suffices)
        {
            return new(now.State with { CalmSince = null }, null, "");
        }

        var since = now.State.CalmSince ?? now.At;
        return now.At - since >= CalmTime
            ? new(BurstState.None, null, $"{variant} goes: {now.Ready} replicas have sufficed for {CalmTime.TotalSeconds:0} s")
            : new(now.State with { CalmSince = since }, null, "");
    }

    /// <summary>The most accurate one that carries the demand; else the fastest; one that was never measured where no other helps, since the manifest says that it is faster.</summary>
    private static BurstOption? Choose(BurstSituation now, double demand, double capacity)
    {
        var faster = now.Options.Where(o => o.Capacity > capacity * Faster).ToList();
        return faster.Where(o => o.Capacity * now.Ready >= demand).MaxBy(static o => o.Accuracy ?? 0)
            ?? faster.MaxBy(static o => o.Capacity)
            ?? now.Options.Where(static o => o.Capacity is null).MaxBy(static o => o.Accuracy ?? 0);
    }
}
