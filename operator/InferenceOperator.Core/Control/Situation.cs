using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Control;

/// <summary>What a basis amounts to, before anything is planned.</summary>
internal sealed record Situation(
    DecisionBasis Basis,
    TrafficWindow? Traffic,
    SloVerdict Verdict,
    Objective Objective,
    Forecast? Forecast,
    ForecastState? ForecastState,
    bool IsTrendCapped,
    CapacityTable Capacities)
{
    /// <summary>Requests in the medium window from which attainment is believed.</summary>
    private const double RequestsForAttainment = 50;

    /// <summary>Time in which a backlog is to be worked off.</summary>
    private static readonly TimeSpan DrainTime = AgentController.DrainTime;

    /// <summary>Requests miss the SLO, or rows pile up.</summary>
    public bool IsMissing { get; } =
        Traffic is not null && Basis.Slo is { } slo && Verdict is not SloVerdict.Infeasible
        && (Forecast is { BacklogRows: > 0 }
            || (Traffic.Medium.SloRequests >= RequestsForAttainment && Traffic.Medium.Attainment < slo.Latency.Share));

    /// <summary>What is planned for, rows per second; null: traffic is unknown.</summary>
    public double? Demand { get; } = Basis.Measurement switch
    {
        Measurement.Idle => 0,
        Measurement.Measured => Math.Max(Forecast!.RowsPerSecond, Forecast.EnvelopeRowsPerSecond + (Forecast.BacklogAheadRows / DrainTime.TotalSeconds)),
        _ => null,
    };

    /// <summary>Looks at a basis.</summary>
    /// <param name="basis">All that counts.</param>
    /// <param name="memo">Saves finding capacities again.</param>
    public static Situation Of(DecisionBasis basis, CapacityMemo memo)
    {
        var traffic = (basis.Measurement as Measurement.Measured)?.Traffic;
        var declared = Objective.Of(basis.Slo, traffic?.OverheadSeconds ?? 0);
        var verdict = declared.Judge(basis.Service, basis.WasInfeasible);
        var objective = declared.Under(verdict);
        var capacities = new CapacityTable(basis.Capacities, memo);
        if (basis.Service is { } service)
        {
            capacities.Rest(service, objective, traffic?.Dispersion, traffic?.RowsPerRequest ?? 1);
        }

        if (traffic is null || basis.Forecast is not { } given)
        {
            return new(basis, traffic, verdict, objective, null, null, false, capacities);
        }

        var (state, forecast, isCapped) = DemandForecast.At(given.State, traffic, given.Seasonal, basis.Measurement.SampledAt ?? basis.At, given.Terms);
        return new(basis, traffic, verdict, objective, forecast, state, isCapped, capacities);
    }
}
