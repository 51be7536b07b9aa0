using System.Collections.Immutable;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Planning.Variants;

namespace InferenceOperator.Core.Control;

/// <summary>What a basis amounts to, before anything is planned.</summary>
/// <param name="Basis">All that counts.</param>
/// <param name="Traffic">What is measured; null: nothing.</param>
/// <param name="Options">The forms of the model, the model itself first.</param>
/// <param name="Steady">The one that answers for good, and that is planned for.</param>
/// <param name="Forecast">Null when traffic is not measured.</param>
/// <param name="ForecastState">With what is expected; null when traffic is not measured.</param>
/// <param name="IsTrendCapped">Growth is expected to be more than is planned for.</param>
internal sealed record Situation(
    DecisionBasis Basis,
    TrafficWindow? Traffic,
    ImmutableArray<ModelOption> Options,
    ModelOption Steady,
    Forecast? Forecast,
    ForecastState? ForecastState,
    bool IsTrendCapped)
{
    /// <summary>Requests in the medium window from which attainment is believed.</summary>
    internal const double RequestsForAttainment = 50;

    /// <summary>Time in which a backlog is to be worked off.</summary>
    private static readonly TimeSpan DrainTime = AgentController.DrainTime;

    /// <summary>Requests miss the SLO, or rows pile up.</summary>
    public bool IsMissing { get; } =
        Traffic is not null && Basis.Slo is { } slo && Steady.Verdict is not SloVerdict.Infeasible
        && (Forecast is { BacklogRows: > 0 }
            || (Traffic.Medium.SloRequests >= RequestsForAttainment && Traffic.Medium.Attainment < slo.Latency.Share));

    /// <summary>What is planned for, rows per second; null: traffic is unknown.</summary>
    public double? Demand { get; } = Basis.Measurement switch
    {
        Measurement.Idle => 0,
        Measurement.Measured => Math.Max(Forecast!.RowsPerSecond, WithBacklog(Forecast, Basis.MostDemand)),
        _ => null,
    };

    /// <summary>What has to be carried now, rows per second: a lever that acts within a step needs no foresight. Null: traffic is unknown.</summary>
    public double? Load { get; } = Basis.Measurement switch
    {
        Measurement.Idle => 0,
        Measurement.Measured => Math.Max(Traffic!.Short.RowRate, Traffic.Medium.RowRate) + (Forecast!.BacklogRows / DrainTime.TotalSeconds),
        _ => null,
    };

    /// <summary>On the SLO, by whatever may answer for good.</summary>
    public SloVerdict Verdict { get; } = SloVerdict.Among(
        [.. Options.Where(o => o.Name == Steady.Name || (o.MayStay && o.IsResident && o.IsAccurate(Basis.Variants?.AccuracyFloor))).Select(static o => (o.Name, o.Verdict))]);

    /// <summary>What is planned for with the form that answers.</summary>
    public Objective Objective => Steady.Objective;

    /// <summary>Of the form that answers.</summary>
    public CapacityTable Capacities => Steady.Table;

    /// <summary>Rows per second that one replica carries with a batch limit by the form that answers; null: it has not been measured.</summary>
    /// <param name="batch">The limit that is planned for.</param>
    /// <param name="trim">Capacities are divided by it.</param>
    public double? Capacity(BatchPlan batch, double trim) => Steady.Service is null ? null : Capacities.Capacity(batch.Reachable) / trim;

    /// <summary>Looks at a basis.</summary>
    /// <param name="basis">All that counts.</param>
    /// <param name="memo">Saves finding capacities again.</param>
    public static Situation Of(DecisionBasis basis, CapacityMemo memo)
    {
        var traffic = (basis.Measurement as Measurement.Measured)?.Traffic;
        var options = ModelOptions.Of(basis, traffic, memo);
        var steady = options.FirstOrDefault(o => o.Name == basis.Current.Choice.Steady) ?? options[0];
        if (traffic is null || basis.Forecast is not { } given)
        {
            return new(basis, traffic, options, steady, null, null, false);
        }

        var (state, forecast, isCapped) = DemandForecast.At(given.State, traffic, given.Seasonal, basis.Measurement.SampledAt ?? basis.At, given.Terms);
        return new(basis, traffic, options, steady, forecast, state, isCapped);
    }

    /// <summary>
    /// What comes now and what will wait: that is worked off in the drain time, or as fast as new rows come. More replicas would be of use only for
    /// moments, and what waited so long has missed the SLO in any case; no less than was planned for already, since a backlog may outlast what brought it.
    /// </summary>
    private static double WithBacklog(Forecast forecast, double mostBefore)
    {
        var now = forecast.EnvelopeRowsPerSecond;
        return Math.Min(now + (forecast.BacklogAheadRows / DrainTime.TotalSeconds), Math.Max(2 * now, mostBefore));
    }

    /// <summary>The same with another form of the model that answers for good.</summary>
    public Situation For(string steady) =>
        steady == Steady.Name ? this : new(Basis, Traffic, Options, Options.Single(o => o.Name == steady), Forecast, ForecastState, IsTrendCapped);
}
