using System.Globalization;

namespace InferenceOperator.Demo;

/// <summary>The demo's three phases of load, made for the machine they run on.</summary>
internal static class DemoPhases
{
    /// <summary>
    /// High load as a share of what one replica carries at saturation: so near to it that no replica alone holds the SLO with any
    /// room to spare, so far within what two carry that they do, even where their cores share execution units.
    /// </summary>
    private const double HighShare = 0.97;

    /// <summary>Low load as a share of the same.</summary>
    private const double LowShare = 0.12;

    /// <summary>Low, high, low.</summary>
    /// <param name="oneReplica">Requests per second that one replica answers at saturation, above 0.</param>
    public static string For(double oneReplica)
    {
        var low = Math.Max(1, Math.Round(oneReplica * LowShare));
        var high = Math.Max(4 * low, Math.Round(oneReplica * HighShare));
        return string.Create(CultureInfo.InvariantCulture, $"{low}:6s,{high}:22s,{low}:12s");
    }
}
