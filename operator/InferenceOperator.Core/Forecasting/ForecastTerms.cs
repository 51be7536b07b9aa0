using System.Collections.Immutable;

namespace InferenceOperator.Core.Forecasting;

/// <summary>What a forecast is for.</summary>
/// <param name="HorizonSeconds">Age of the measurement, a step, and a start-up.</param>
/// <param name="RowsInBatches">Rows that may wait without being backlog: a batch per replica.</param>
/// <param name="RowsPerReplica">Rows per second that a replica works off at full batches; 0: not known.</param>
/// <param name="Supply">Who serves from the measurement to the horizon, ascending in time; empty: not known.</param>
/// <param name="MissShare">Share of requests that the objective lets be missed, above 0: demand may lie above what is planned for in this share of the time.</param>
public sealed record ForecastTerms(double HorizonSeconds, double RowsInBatches, double RowsPerReplica, ImmutableArray<SupplyStep> Supply, double MissShare)
{
    public bool Equals(ForecastTerms? other) =>
        other is not null && HorizonSeconds.Equals(other.HorizonSeconds) && RowsInBatches.Equals(other.RowsInBatches)
        && RowsPerReplica.Equals(other.RowsPerReplica) && MissShare.Equals(other.MissShare) && Supply.AsSpan().SequenceEqual(other.Supply.AsSpan());

    public override int GetHashCode() => HashCode.Combine(HorizonSeconds, RowsInBatches, RowsPerReplica, Supply.Length, MissShare);
}
