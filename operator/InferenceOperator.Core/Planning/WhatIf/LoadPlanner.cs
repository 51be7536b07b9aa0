using System.Collections.Immutable;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning.WhatIf;

/// <summary>Answers what a steady load takes: by the latency model for each batch limit, and by the operator's own decisions for the choice. Pure.</summary>
public static class LoadPlanner
{
    /// <summary>Decisions after which the operator rests under a steady load: limits at most double, and replicas follow.</summary>
    private const int DecisionsMax = 24;

    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;
    private static readonly TimeSpan Horizon = TimeSpan.FromSeconds(30);

    public static LoadAnswer Of(LoadQuestion question)
    {
        var declared = Objective.Of(question.Slo, question.OverheadSeconds);
        var verdict = declared.Judge(question.Service, wasInfeasible: false);
        var objective = declared.Under(verdict);
        var (end, reasons) = Settle(question);
        var table = new CapacityTable();
        table.Rest(question.Service, objective, question.Variation * question.Variation, question.RowsPerRequest);
        var best = objective.HasSlo ? Math.Max(1, BatchPlanner.Ideal(question.Service, objective, question.BatchMax)) : question.BatchMax;
        var limits = ModelOption.BatchesUpTo(question.BatchMax).Append(best).Append(end.Batching.MaxSize).Distinct().Order();
        ImmutableArray<LoadOption> options = [.. limits.Select(b => Option(question, table, objective, verdict, b, b == end.Batching.MaxSize ? end.Replicas : null))];
        return new(verdict, options, options.Single(o => o.MaxBatch == end.Batching.MaxSize), reasons);
    }

    private static LoadOption Option(LoadQuestion question, CapacityTable table, Objective objective, SloVerdict verdict, int maxBatch, int? decided)
    {
        var rows = question.RequestsPerSecond * question.RowsPerRequest;
        var capacity = table.Capacity(maxBatch);
        var required = ReplicaNumber.Needed(rows, capacity);
        var replicas = decided ?? Math.Clamp(required, question.ReplicasMin, question.ReplicasMax);
        var latency = table.Latency(maxBatch, rows / replicas);
        var holds = verdict is not SloVerdict.Infeasible && latency <= objective.TargetSeconds && (objective.HasSlo || required <= replicas);
        return new(maxBatch, question.Service.Upper(maxBatch), capacity, required, replicas, latency, holds);
    }

    /// <summary>Lets the operator decide again and again on the same load until it changes nothing more.</summary>
    private static (Target End, ImmutableArray<string> Reasons) Settle(LoadQuestion question)
    {
        var basis = Basis(question);
        var reasons = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < DecisionsMax; i++)
        {
            var decision = DecisionRules.Decide(basis);
            reasons.Add(decision.Reason);
            if (decision.Applied == basis.Current)
            {
                break;
            }

            basis = basis with { Current = decision.Applied };
        }

        return (basis.Current, reasons.ToImmutable());
    }

    private static DecisionBasis Basis(LoadQuestion question)
    {
        var rows = question.RequestsPerSecond * question.RowsPerRequest;
        WindowRates Window(double seconds) => new(
            seconds, question.RequestsPerSecond, rows, question.RequestsPerSecond, question.RequestsPerSecond * seconds, question.RequestsPerSecond * seconds);
        var traffic = new TrafficWindow
        {
            Short = Window(5),
            Medium = Window(15),
            Long = Window(60),
            Dispersion = question.Variation * question.Variation,
            RowsPerRequest = question.RowsPerRequest,
            OverheadSeconds = question.OverheadSeconds,
        };
        var scaling = new ScalingSpec { MinReplicas = question.ReplicasMin, MaxReplicas = question.ReplicasMax, ScaleUp = new() { MaxStep = new(question.ReplicasMax, IsPercent: false) } };
        return new DecisionBasis
        {
            At = Now,
            Agent = "what-if",
            Slo = question.Slo,
            Scaling = scaling,
            Batching = new BatchingSpec { MaxSize = question.BatchMax },
            Current = new Target(question.ReplicasMin, new BatchLimits(question.Slo is null ? question.BatchMax : BatchPlanner.Start, default)),
            Ready = question.ReplicasMin,
            Measurement = new Measurement.Measured(traffic) { SampledAt = Now },
            KnownFor = TimeSpan.MaxValue,
            Service = question.Service,
            LargestBatch = question.BatchMax,
            Capacities = CapacityAnchors.None,
            Trim = CapacityTrim.None,
            Forecast = new(
                DemandForecast.Observe(ForecastState.None with { Surprise = 0 }, traffic, Now),
                new ForecastTerms(Horizon.TotalSeconds, question.BatchMax, RowsPerReplica: 0, Supply: []),
                Seasonal: null),
            BatchFirstSteps = int.MaxValue,
            MovedAt = Now,
        };
    }
}
