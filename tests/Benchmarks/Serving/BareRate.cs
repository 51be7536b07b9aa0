using System.Globalization;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>What a bare loop found.</summary>
/// <param name="RowsPerSecond">Rows per second of wall time.</param>
/// <param name="CpuMicrosPerRow">Processor time of a row, microseconds: says the same on a core that others use too.</param>
internal sealed record BareRate(double RowsPerSecond, double CpuMicrosPerRow)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static BareRate Parse(string line)
    {
        var fields = line.Split(' ');
        return new BareRate(double.Parse(fields[0], CultureInfo.InvariantCulture), double.Parse(fields[1], CultureInfo.InvariantCulture));
    }

    public override string ToString() => Invariant($"{RowsPerSecond:R} {CpuMicrosPerRow:R}");
}
