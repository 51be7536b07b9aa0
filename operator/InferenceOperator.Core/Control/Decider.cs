using System.Collections.Immutable;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;

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
        var batch = PlanBatch(situation);
        var trim = Trim(situation, batch);
        var replicas = PlanReplicas(situation, batch, trim.Factor);
        var record = Compose(situation, batch, replicas, trim.Factor);
        record = record with { Reason = ReasonText.Of(record, situation, batch) };
        return new(record, situation.Verdict, situation.ForecastState, situation.Demand, situation.Capacities.Anchors, trim);
    }

    private static BatchPlan PlanBatch(Situation s)
    {
        var basis = s.Basis;
        var now = new BatchSituation
        {
            Current = basis.Current.Batching,
            Bounds = basis.Batching,
            Objective = s.Objective,
            Service = basis.Measurement is Measurement.Unknown ? null : basis.Service,
            LargestBatch = basis.LargestBatch,
            DemandPerReplica = (s.Traffic?.Short.RowRate ?? 0) / Math.Max(1, basis.Ready),
            IsAtRisk = s.IsMissing,
            SinceLowered = basis.At - basis.LoweredBatchAt,
        };
        return BatchPlanner.Plan(now, s.Capacities);
    }

    private static CapacityTrim Trim(Situation s, BatchPlan batch)
    {
        var basis = s.Basis;
        var settled = basis.At - basis.MovedAt > Settling + basis.StartUp && basis.Pending == 0 && s.Forecast is { BacklogRows: 0 };
        var enough = settled && Capacity(s, batch, basis.Trim.Factor) is { } c && s.Demand / c <= basis.Ready;
        var isComfortable = !s.IsMissing && s.Traffic?.SloPercentileSeconds < Comfortable * s.Objective.TargetSeconds;
        return basis.Trim.After(s.IsMissing && enough, isComfortable, basis.At);
    }

    private static ReplicaPlan PlanReplicas(Situation s, BatchPlan batch, double trim)
    {
        var basis = s.Basis;
        return ReplicaPlanner.Plan(new ReplicaSituation
        {
            Current = basis.Current.Replicas,
            Bounds = basis.Scaling,
            Demand = s.Demand,
            MostDemand = Math.Max(basis.MostDemand, s.Demand ?? 0),
            DemandNoise = Math.Sqrt(s.ForecastState?.Trend?.Noise ?? 0),
            Capacity = Capacity(s, batch, trim),
            Latency = rows => s.Capacities.Latency(batch.Reachable, rows * trim),
            TargetSeconds = s.Objective.SizesByUtilisation ? double.PositiveInfinity : s.Objective.TargetSeconds,
            Overdue = basis.Overdue,
            Pending = basis.Pending,
            MetricsDisagree = basis.DisagreedSteps >= DisagreedMin,
            KnownFor = basis.KnownFor,
            SinceDown = basis.At - basis.WentDownAt,
            BatchFirst = batch.Limits.MaxSize >= BatchFirstGrowth * basis.Current.Batching.MaxSize && basis.BatchFirstSteps < BatchFirstMax,
        });
    }

    private static double? Capacity(Situation s, BatchPlan batch, double trim) =>
        s.Basis.Service is null ? null : s.Capacities.Capacity(batch.Reachable) / trim;

    private static DecisionRecord Compose(Situation s, BatchPlan batch, ReplicaPlan replicas, double trim)
    {
        var (basis, scaling) = (s.Basis, s.Basis.Scaling);
        var proposed = new Target(scaling.Replicas ?? replicas.Replicas, batch.Limits);
        var demand = s.Forecast is null ? (double?)null : s.Forecast.RowsPerSecond * trim / Math.Max(1, proposed.Replicas);
        return new DecisionRecord
        {
            Rules = DecisionRules.Current,
            Basis = basis,
            Forecast = s.Forecast,
            Candidates = batch.Candidates,
            CapacityPerReplica = Capacity(s, batch, trim),
            TrimFactor = trim,
            PredictedSeconds = basis.Service is null || demand is null ? null : s.Capacities.Latency(batch.Reachable, demand.Value),
            RequiredReplicas = replicas.Required,
            Proposed = proposed,
            Applied = scaling.Mode == ScalingMode.Auto
                ? proposed
                : new Target(scaling.Replicas ?? Math.Clamp(basis.Current.Replicas, scaling.MinReplicas, scaling.MaxReplicas), Kept(basis)),
            Rule = Rule(basis, replicas, batch),
            Guards = Guards(s, batch, replicas, trim),
            Reason = "",
        };
    }

    private static BatchLimits Kept(DecisionBasis basis) => new(
        Math.Clamp(basis.Current.Batching.MaxSize, 1, basis.Batching.MaxSize),
        basis.Current.Batching.MaxDelay < basis.Batching.MaxDelay ? basis.Current.Batching.MaxDelay : basis.Batching.MaxDelay);

    private static DecisionRule Rule(DecisionBasis basis, ReplicaPlan replicas, BatchPlan batch)
    {
        var moves = replicas.Rule is DecisionRule.ScaleUp or DecisionRule.ScaleDown or DecisionRule.Bounds;
        return basis.IsFirst && !moves ? DecisionRule.Start
            : batch.Limits != basis.Current.Batching && (!moves || basis.Scaling.Replicas is not null) ? DecisionRule.Batch
            : basis.Scaling.Replicas is not null ? DecisionRule.External
            : replicas.Rule;
    }

    private static ImmutableArray<GuardRail> Guards(Situation s, BatchPlan batch, ReplicaPlan replicas, double trim)
    {
        var guards = ImmutableArray.CreateBuilder<GuardRail>();
        guards.AddRange(batch.Guards);
        if (s.Basis.Scaling.Replicas is null)
        {
            guards.AddRange(replicas.Guards);
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
