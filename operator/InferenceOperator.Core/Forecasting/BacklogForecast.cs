namespace InferenceOperator.Core.Forecasting;

/// <summary>How many rows will wait once replicas that are asked for now serve: rows flow in at a rate and out as fast as those that serve by then carry them.</summary>
internal static class BacklogForecast
{
    /// <param name="rows">Rows that wait at the measurement, at least 0.</param>
    /// <param name="rowsPerSecond">Rows that come.</param>
    /// <param name="terms">Who serves, how fast, and until when.</param>
    public static double At(double rows, double rowsPerSecond, ForecastTerms terms)
    {
        if (!(terms.RowsPerReplica > 0) || terms.Supply.IsDefaultOrEmpty)
        {
            return rows;
        }

        for (var i = 0; i < terms.Supply.Length; i++)
        {
            var from = Math.Max(0, terms.Supply[i].AfterSeconds);
            var to = i + 1 < terms.Supply.Length ? Math.Min(terms.HorizonSeconds, terms.Supply[i + 1].AfterSeconds) : terms.HorizonSeconds;
            rows = Math.Max(0, rows + (Math.Max(0, to - from) * (rowsPerSecond - (terms.Supply[i].Ready * terms.RowsPerReplica))));
        }

        return rows;
    }
}
