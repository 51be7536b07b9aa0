using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Core.Control;

/// <summary>From the basis of a decision to the decision: forecast, capacities, batch limit, replicas, guard rails, reason. Pure.</summary>
internal static class Decider
{
    /// <summary>Steps in a row that replicas wait for a growing batch limit.</summary>
    private const int BatchFirstMax = 2;

    /// <summary>Growth of the batch limit from which on they do: a small one brings little, and a step costs as much as a sixth of a start-up.</summary>
    private const double BatchFirstGrowth = 1.5;

    /// <summary>Steps in a row in which the measurements contradict themselves until that counts.</summary>
    private const int DisagreedMin = 3;

    /// <summary>Beyond a start-up, the time without a move from which on the model is held against what is observed.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);

    /// <summary>Share of the target below which the SLO is held with room.</summary>
    private const double Comfortable = 0.8;

    /// <summary>Decides.</summary>
    /// <param name="basis">All that counts.</param>
    /// <param name="memo">Saves finding capacities again, and changes no result; a new one will do.</param>
    public static DecisionOutcome Decide(DecisionBasis basis, CapacityMemo memo)
    {
        var situation = Situation.Of(basis, memo);
        var steady = VariantRules.PlanSteady(situation);
        situation = situation.For(steady.Steady);
        var batch = PlanBatch(situation);
        var trim = Trim(situation, batch);
        var replicas = BurnGuard.Over(situation, PlanReplicas(situation, batch, trim.Factor));
        var variants = new VariantDecision(steady, VariantRules.PlanBurst(situation, batch, replicas, trim.Factor));
        var record = RecordFigures.Rounded(Compose(situation, batch, replicas, variants, trim.Factor));
        record = record with { Reason = ReasonText.Of(record, situation, batch, variants) };
        return new(
            record, situation.Verdict, situation.ForecastState, situation.Demand, situation.Options, trim, CalmSince(record, variants),
            count => Utility(situation, batch, trim.Factor, count));
    }

    /// <summary>What is not applied does not become calm either.</summary>
    private static DateTimeOffset? CalmSince(DecisionRecord record, VariantDecision variants) =>
        record.Applied.Choice.Burst is not null && record.Applied.Choice == record.Proposed.Choice ? variants.Burst.State.CalmSince : null;

    private static BatchPlan PlanBatch(Situation s)
    {
        var basis = s.Basis;
        var now = new BatchSituation
        {
            Current = basis.Current.Batching,
            Bounds = basis.Batching,
            Objective = s.Objective,
            Service = basis.Measurement is Measurement.Unknown ? null : s.Steady.Service,
            LargestBatch = s.Steady.LargestBatch,
            DemandPerReplica = (s.Traffic?.Short.RowRate ?? 0) / Math.Max(1, basis.Ready),
            IsAtRisk = s.IsMissing,
            SinceLowered = basis.At - basis.LoweredBatchAt,
        };
        return BatchPlanner.Plan(now, s.Capacities);
    }

    private static CapacityTrim Trim(Situation s, BatchPlan batch)
    {
        var basis = s.Basis;
        if (basis.Current.Choice.Burst is not null)
        {
            // What is observed is not what is planned for.
            return basis.Trim;
        }

        var settled = basis.At - basis.MovedAt > Settling + basis.StartUp && basis.Pending == 0 && s.Forecast is { BacklogRows: 0 };
        var enough = settled && s.Capacity(batch, basis.Trim.Factor) is { } c && s.Demand / c <= basis.Ready;
        var isComfortable = !s.IsMissing && s.Traffic?.SloPercentileSeconds < Comfortable * s.Objective.TargetSeconds;
        return basis.Trim.After(s.IsMissing && enough, isComfortable, basis.At);
    }

    private static ReplicaPlan PlanReplicas(Situation s, BatchPlan batch, double trim)
    {
        var basis = s.Basis;
        return ReplicaPlanner.Plan(new ReplicaSituation
        {
            Current = basis.Current.Replicas,
            Bounds = basis.Scaling with { MinReplicas = basis.LeastReplicas },
            Demand = s.Demand,
            MostDemand = Math.Max(basis.MostDemand, s.Demand ?? 0),
            DemandNoise = Math.Sqrt(s.ForecastState?.Trend?.Noise ?? 0),
            Capacity = s.Capacity(batch, trim),
            Latency = rows => s.Capacities.Latency(batch.Reachable, rows * trim),
            TargetSeconds = s.Objective.SizesByUtilisation ? double.PositiveInfinity : s.Objective.TargetSeconds,
            Overdue = basis.Overdue,
            Ready = basis.Ready,
            Pending = basis.Pending,
            MetricsDisagree = basis.DisagreedSteps >= DisagreedMin,
            KnownFor = basis.KnownFor,
            MayGoToZero = basis.IdleFor >= basis.Scaling.ScaleDown.Window.ToTimeSpan() && basis is { IdleFor.Ticks: > 0, Endpoint.Inside: 0 },
            Held = basis.Endpoint?.Held ?? 0,
            SinceDown = basis.At - basis.WentDownAt,
            BatchFirst = batch.Limits.MaxSize >= BatchFirstGrowth * basis.Current.Batching.MaxSize && basis.BatchFirstSteps < BatchFirstMax,
        });
    }

    private static DecisionRecord Compose(Situation s, BatchPlan batch, ReplicaPlan replicas, VariantDecision variants, double trim)
    {
        var (basis, scaling) = (s.Basis, s.Basis.Scaling);
        var proposed = new Target(scaling.Replicas ?? Math.Min(replicas.Replicas, basis.Cut?.Granted ?? int.MaxValue), batch.Limits) { Variants = Named(variants.Choice) };
        var demand = s.Forecast is null ? (double?)null : s.Forecast.RowsPerSecond * trim / Math.Max(1, proposed.Replicas);
        return new DecisionRecord
        {
            Rules = DecisionRules.Current,
            Basis = basis,
            Forecast = s.Forecast,
            Candidates = VariantRules.Weighed(s, batch, trim),
            CapacityPerReplica = s.Capacity(batch, trim),
            TrimFactor = trim,
            PredictedSeconds = s.Steady.Service is null || demand is null ? null : s.Capacities.Latency(batch.Reachable, demand.Value),
            RequiredReplicas = replicas.Required,
            Proposed = proposed,
            Applied = new Target(AppliedReplicas(basis, proposed), scaling.Mode == ScalingMode.Auto ? proposed.Batching : Kept(basis))
            {
                Variants = scaling.Mode == ScalingMode.Auto ? proposed.Variants : Named(VariantRules.Kept(s)),
            },
            Rule = Rule(basis, replicas, batch, variants),
            Guards = Guards(s, batch, replicas, variants, trim),
            Reason = "",
        };
    }

    private static ImmutableArray<double> Utility(Situation s, BatchPlan batch, double trim, int replicas)
    {
        if (s.Basis.Measurement is Measurement.Idle)
        {
            return RelaxedUtility.Proportional(replicas, 0, 1);
        }

        // Of a minute: what a burst adds is over before a replica that is moved for it has started.
        if (s.Traffic is not { Long.RowRate: var demand } || s.Steady.Service is not { } service || s.Capacity(batch, trim) is not { } capacity)
        {
            return [];
        }

        return s.Objective is { HasSlo: true, SizesByUtilisation: false }
            ? RelaxedUtility.Curve(replicas, demand * trim, batch.Reachable / service.Upper(batch.Reachable), rows => s.Capacities.Latency(batch.Reachable, rows), s.Objective.TargetSeconds)
            : RelaxedUtility.Proportional(replicas, demand, capacity);
    }

    private static bool IsCut(DecisionBasis basis, ReplicaPlan replicas) => basis.Scaling.Replicas is null && basis.Cut?.Granted < replicas.Replicas;

    // Of two writers of one number each would undo what the other did: theirs stands, whatever it is.
    private static int AppliedReplicas(DecisionBasis basis, Target proposed) =>
        basis.OtherWriter is not null ? basis.Current.Replicas
        : basis.Scaling.Mode == ScalingMode.Auto ? proposed.Replicas
        : basis.Scaling.Replicas ?? Math.Clamp(basis.Current.Replicas, basis.LeastReplicas, basis.Scaling.MaxReplicas);

    private static BatchLimits Kept(DecisionBasis basis) => new(
        Math.Clamp(basis.Current.Batching.MaxSize, 1, basis.Batching.MaxSize),
        basis.Current.Batching.MaxDelay < basis.Batching.MaxDelay ? basis.Current.Batching.MaxDelay : basis.Batching.MaxDelay);

    /// <summary>The model itself needs no name.</summary>
    private static VariantChoice? Named(VariantChoice choice) => choice == VariantChoice.Full ? null : choice;

    private static DecisionRule Rule(DecisionBasis basis, ReplicaPlan replicas, BatchPlan batch, VariantDecision variants)
    {
        var moves = replicas.Rule is DecisionRule.ScaleUp or DecisionRule.BurnRate or DecisionRule.ScaleDown or DecisionRule.Wake or DecisionRule.Bounds;
        return IsCut(basis, replicas) ? DecisionRule.Scarcity
            : basis.IsFirst && !moves ? DecisionRule.Start
            : variants.Choice != basis.Current.Choice && (!moves || basis.Scaling.Replicas is not null) ? DecisionRule.Variant
            : batch.Limits != basis.Current.Batching && (!moves || basis.Scaling.Replicas is not null) ? DecisionRule.Batch
            : basis.Scaling.Replicas is not null ? DecisionRule.External
            : replicas.Rule;
    }

    private static ImmutableArray<GuardRail> Guards(Situation s, BatchPlan batch, ReplicaPlan replicas, VariantDecision variants, double trim)
    {
        var guards = ImmutableArray.CreateBuilder<GuardRail>();
        if (variants.Steady.Guard is { } held)
        {
            guards.Add(held);
        }

        guards.AddRange(batch.Guards);
        if (s.Basis.Scaling.Replicas is null)
        {
            guards.AddRange(replicas.Guards);
        }

        if (IsCut(s.Basis, replicas))
        {
            guards.Add(GuardRail.Scarcity);
        }

        if (variants.Burst.Guard is { } kept && !guards.Contains(kept))
        {
            guards.Add(kept);
        }

        if (s.IsTrendCapped)
        {
            guards.Add(GuardRail.TrendCap);
        }

        if (trim > 1)
        {
            guards.Add(GuardRail.Trim);
        }

        if (s.Verdict is SloVerdict.Infeasible)
        {
            guards.Add(GuardRail.SloInfeasible);
        }

        return guards.ToImmutable();
    }
}
