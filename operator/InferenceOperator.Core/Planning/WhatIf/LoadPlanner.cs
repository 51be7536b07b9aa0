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
        var forms = new[] { new LoadVariant(VariantShares.Full, question.Service, 1) }.Concat(question.Variants.Where(v => question.AccuracyFloor is null || v.Accuracy >= question.AccuracyFloor)).ToList();
        var declared = Objective.Of(question.Slo, question.OverheadSeconds);
        var (end, reasons) = Settle(question);
        ImmutableArray<LoadOption> options = [.. forms.SelectMany(form => Options(question, declared, form, form.Name == end.Choice.Steady ? end : null))];
        return new(
            SloVerdict.Among([.. forms.Select(form => (form.Name, declared.Judge(form.Service, wasInfeasible: false)))]),
            options, options.Single(o => o.Variant == end.Choice.Steady && o.MaxBatch == end.Batching.MaxSize), reasons);
    }

    /// <summary>A form of the model by batch limit.</summary>
    /// <param name="question">The load.</param>
    /// <param name="declared">The objective.</param>
    /// <param name="form">Who answers.</param>
    /// <param name="end">To what the operator comes; null: not to this form.</param>
    private static IEnumerable<LoadOption> Options(LoadQuestion question, Objective declared, LoadVariant form, Target? end)
    {
        var verdict = declared.Judge(form.Service, wasInfeasible: false);
        var objective = declared.Under(verdict);
        var table = new CapacityTable();
        table.Rest(form.Service, objective, question.Variation * question.Variation, question.RowsPerRequest);
        var best = objective.HasSlo ? Math.Max(1, BatchPlanner.Ideal(form.Service, objective, question.BatchMax)) : question.BatchMax;
        return ModelOption.BatchesUpTo(question.BatchMax).Append(best).Append(end?.Batching.MaxSize ?? best).Distinct().Order().Select(batch =>
        {
            var rows = question.RequestsPerSecond * question.RowsPerRequest;
            var capacity = table.Capacity(batch);
            var required = ReplicaNumber.Needed(rows, capacity);
            var replicas = batch == end?.Batching.MaxSize ? end.Replicas : Math.Clamp(required, question.ReplicasMin, question.ReplicasMax);
            var latency = table.Latency(batch, rows / replicas);
            var holds = verdict is not SloVerdict.Infeasible && latency <= objective.TargetSeconds && (objective.HasSlo || required <= replicas);
            return new LoadOption(batch, form.Service.Upper(batch), capacity, required, replicas, latency, holds) { Variant = form.Name };
        });
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

            basis = basis with { Current = decision.Applied, Ready = question.Variants.IsEmpty ? basis.Ready : decision.Applied.Replicas };
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
            Variants = Variants(question),
            ReplicaPrice = question.ReplicaPrice,
            Capacities = CapacityAnchors.None,
            Trim = CapacityTrim.None,
            Forecast = new(
                DemandForecast.Observe(ForecastState.None with { Surprises = SurpriseHistogram.Never }, traffic, Now),
                new ForecastTerms(Horizon.TotalSeconds, question.BatchMax, RowsPerReplica: 0, Supply: [], MissShare: 1 - Objective.Of(question.Slo, 0).Share),
                Seasonal: null),
            BatchFirstSteps = int.MaxValue,
            MovedAt = Now,
        };
    }

    private static VariantsBasis? Variants(LoadQuestion question) => question.Variants.IsEmpty ? null : new()
    {
        Options =
        [
            .. question.Variants.Select(v => new VariantBasis
            {
                Name = v.Name,
                Use = VariantUse.Steady,
                Accuracy = v.Accuracy,
                IsResident = true,
                Service = v.Service,
                LargestBatch = question.BatchMax,
                Capacities = CapacityAnchors.None,
            }),
        ],
        AccuracyFloor = question.AccuracyFloor,
        AccuracyPrice = question.AccuracyPrice,
    };
}
