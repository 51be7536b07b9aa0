using System.Globalization;

namespace InferenceOperator.Demo;

/// <summary>
/// The demo's three phases of load, made for the machine they run on: low; a climb from well below what one replica carries to
/// above it, held where the operator asks for a second replica; low again.
/// </summary>
/// <remarks>
/// Why a climb: what one replica carries and what two carry on shared cores lie so close together that no rate chosen beforehand
/// lies between them on every machine. The operator itself is what tells where one no longer suffices.
/// </remarks>
internal static class DemoPhases
{
    /// <summary>
    /// Rows of each request, one word each: enough that the model and not the client and the protocol take the cores' time, so that a second
    /// replica on them carries more than the first alone.
    /// </summary>
    public const int RowsPerRequest = 4;

    private const double LowShare = 0.08;
    private const double ClimbFromShare = 0.7;
    private const double ClimbToShare = 1.4;

    /// <summary>Low, climbing, low; in requests per second.</summary>
    /// <param name="row">Time of one row alone, above zero: 1 over it bounds from above what one replica at batch 1 carries.</param>
    public static string For(TimeSpan row)
    {
        double low = Rate(LowShare, row), from = Rate(ClimbFromShare, row), to = Rate(ClimbToShare, row);
        return string.Create(CultureInfo.InvariantCulture, $"{low}:5s,{from}-{to}:31s,{low}:19s");
    }

    private static double Rate(double share, TimeSpan row) => Math.Max(1, Math.Round(share / (RowsPerRequest * row.TotalSeconds)));
}
