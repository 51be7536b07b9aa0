using System.Collections.Immutable;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>Replicas from demand and capacity: up at once, down late, slowly and only when predicted safe, never down on Unknown.</summary>
internal static class ReplicaPlanner
{
    /// <summary>After going down the predicted latency may be at most this share of the target.</summary>
    private const double SafeShare = 0.95;

    /// <summary>Deviations of the measured rate by which demand has to stay below what fewer replicas carry, so that noise takes none away that it brings back.</summary>
    private const double NoiseDeviations = 2;

    /// <summary>Largest part of the replicas that goes in one step down unless declared; at least one goes.</summary>
    private const int DownPart = 4;

    /// <summary>Unless declared those that serve double at most twice within a start-up, and a few always grow to some: nothing that is measured is true beyond that.</summary>
    private const int UpTimes = 3;
    private const int UpLeast = 10;

    /// <summary>Longest time between two steps down.</summary>
    private static readonly TimeSpan DownPaceMax = TimeSpan.FromSeconds(30);

    public static ReplicaPlan Plan(ReplicaSituation now)
    {
        var current = Math.Clamp(now.Current, now.Bounds.MinReplicas, now.Bounds.MaxReplicas);
        var held = current == now.Current ? DecisionRule.Hold : DecisionRule.Bounds;
        if (now.Current == 0 && current == 0)
        {
            // Nobody measures; the requests that wait are all that is known, and one replica is what will tell how many are needed.
            return now.Held > 0 ? new(1, null, DecisionRule.Wake, []) : new(0, null, DecisionRule.Asleep, []);
        }

        if (now.Demand is not { } demand)
        {
            return new(current, null, held == DecisionRule.Hold ? DecisionRule.HoldUnknown : held, [GuardRail.UnknownNeverDown]);
        }

        if (now.Capacity is not { } capacity)
        {
            // Proven idle needs no capacity; anything else with an unknown service time is held.
            return demand == 0 && now.MostDemand == 0
                ? Down(now, current, required: 0, capacity: double.PositiveInfinity, held)
                : new(current, null, held, []);
        }

        var required = ReplicaNumber.Needed(demand, capacity);
        var wanted = Math.Clamp(required, now.Bounds.MinReplicas, now.Bounds.MaxReplicas);
        return required > current || wanted > current
            ? Up(now, current, required, wanted, held)
            : required + now.Overdue > current && now.Overdue > 0
                ? Replace(now, current, required, held)
                : Down(now, current, required, capacity, held);
    }

    private static ReplicaPlan Up(ReplicaSituation now, int current, int required, int wanted, DecisionRule held)
    {
        ImmutableArray<GuardRail> guards = required > now.Bounds.MaxReplicas ? [GuardRail.MaxReplicas] : [];
        if (wanted <= current)
        {
            return new(current, required, held, guards);
        }

        if (now.BatchFirst)
        {
            return new(current, required, held, guards.Add(GuardRail.BatchFirst));
        }

        var most = Math.Max(current, Ceiling(now.Bounds, now.Ready, now.Overdue));
        return wanted <= most ? new(wanted, required, DecisionRule.ScaleUp, guards)
            : new(most, required, most > current ? DecisionRule.ScaleUp : held, guards.Add(GuardRail.UpStep));
    }

    /// <summary>Most replicas that may be wanted while so many serve: those that are on their way are bounded, so that growth has to prove itself. What takes far too long counts as lost.</summary>
    public static int Ceiling(ScalingSpec bounds, int ready, int overdue) => ready + overdue + (bounds.ScaleUp.MaxStep?.Of(ready) ?? Math.Max(UpLeast, UpTimes * ready));

    /// <summary>Replicas that take far too long count as lost and are made up for, once: at most as many again as are required.</summary>
    private static ReplicaPlan Replace(ReplicaSituation now, int current, int required, DecisionRule held)
    {
        var wanted = Math.Min(required + Math.Min(now.Overdue, required), now.Bounds.MaxReplicas);
        return wanted > current
            ? new(wanted, required, DecisionRule.ScaleUp, [])
            : new(current, required, held, []);
    }

    private static ReplicaPlan Down(ReplicaSituation now, int current, int required, double capacity, DecisionRule held)
    {
        var floor = Math.Max(now.Bounds.MinReplicas, required);
        if (floor >= current)
        {
            return new(current, required, held, required < now.Bounds.MinReplicas ? [GuardRail.MinReplicas] : []);
        }

        var window = now.Bounds.ScaleDown.Window.ToTimeSpan();
        var guard = now.KnownFor < window ? GuardRail.StartWindow
            : now.MetricsDisagree ? GuardRail.MetricsDisagree
            : now.Pending > 0 ? GuardRail.Transition
            : now.SinceDown < Pace(window) ? GuardRail.DownStep
            : (GuardRail?)null;
        if (guard is { } waits)
        {
            return new(current, required, DecisionRule.HoldDown, [waits]);
        }

        var enough = Math.Max(floor, ReplicaNumber.Needed(now.MostDemand, capacity));
        if (enough >= current)
        {
            return new(current, required, DecisionRule.HoldDown, [GuardRail.ScaleDownWindow]);
        }

        var safe = Math.Max(enough, ReplicaNumber.Needed(now.MostDemand * (1 + (NoiseDeviations * now.DemandNoise)), capacity));
        while (safe < current && !IsSafe(now, safe))
        {
            safe++;
        }

        if (safe >= current)
        {
            return new(current, required, DecisionRule.HoldDown, [GuardRail.UnsafeDown]);
        }

        if (safe == 0 && !now.MayGoToZero)
        {
            return current == 1 ? new(current, required, DecisionRule.HoldDown, [GuardRail.IdleUnproven]) : new(1, required, DecisionRule.ScaleDown, [GuardRail.IdleUnproven]);
        }

        // Proven idle all through the window: there is no load that the others would have to take over.
        var step = now.MostDemand == 0 ? safe : Math.Max(safe, current - (now.Bounds.ScaleDown.MaxStep?.Of(current) ?? Math.Max(1, current / DownPart)));
        return new(step, required, DecisionRule.ScaleDown, step > safe ? [GuardRail.DownStep] : []);
    }

    private static TimeSpan Pace(TimeSpan window) => window < DownPaceMax ? window : DownPaceMax;

    private static bool IsSafe(ReplicaSituation now, int replicas) =>
        now.MostDemand == 0 || double.IsInfinity(now.TargetSeconds)
        || now.Latency(now.MostDemand / replicas) <= SafeShare * now.TargetSeconds;
}
