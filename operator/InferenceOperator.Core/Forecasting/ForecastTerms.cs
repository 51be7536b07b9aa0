using System.Collections.Immutable;

namespace InferenceOperator.Core.Forecasting;

/// <summary>What a forecast is for.</summary>
/// <param name="HorizonSeconds">Age of the measurement, a step, and a start-up.</param>
/// <param name="RowsInBatches">Rows that may wait without being backlog: a batch per replica.</param>
/// <param name="RowsPerReplica">Rows per second that a replica works off at full batches; 0: not known.</param>
/// <param name="Supply">Who serves from the measurement to the horizon, ascending in time; empty: not known.</param>
public sealed record ForecastTerms(double HorizonSeconds, double RowsInBatches, double RowsPerReplica, ImmutableArray<SupplyStep> Supply)
{
    public bool Equals(ForecastTerms? other) =>
        other is not null && HorizonSeconds.Equals(other.HorizonSeconds) && RowsInBatches.Equals(other.RowsInBatches)
        && RowsPerReplica.Equals(other.RowsPerReplica) && Supply.AsSpan().SequenceEqual(other.Supply.AsSpan());

    public override int GetHashCode() => HashCode.Combine(HorizonSeconds, RowsInBatches, RowsPerReplica, Supply.Length);
}
