using System.Globalization;

namespace InferenceOperator.Simulate.Report;

/// <summary>A scale from values to pixels, with round numbers along it.</summary>
/// <param name="Low">Value at its begin.</param>
/// <param name="High">Value at its end, above <paramref name="Low"/>.</param>
/// <param name="From">Pixel at its begin.</param>
/// <param name="To">Pixel at its end.</param>
/// <param name="IsLogarithmic">True: decades are equally long; both values are above 0.</param>
internal sealed record Axis(double Low, double High, double From, double To, bool IsLogarithmic = false)
{
    private const int MarksWanted = 6;

    private static readonly int[] RoundSteps = [1, 2, 5, 10];

    public double At(double value)
    {
        var v = Math.Clamp(value, Low, High);
        var share = IsLogarithmic ? Math.Log(v / Low) / Math.Log(High / Low) : (v - Low) / (High - Low);
        return From + (share * (To - From));
    }

    /// <summary>The numbers to write along it.</summary>
    public IEnumerable<(double Value, string Text)> Marks()
    {
        if (IsLogarithmic)
        {
            for (var power = Math.Ceiling(Math.Log10(Low) - 1e-9); Math.Pow(10, power) <= High * 1.0001; power++)
            {
                yield return (Math.Pow(10, power), Math.Pow(10, power).ToString("0.####", CultureInfo.InvariantCulture));
            }

            yield break;
        }

        var rough = (High - Low) / MarksWanted;
        var unit = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = RoundSteps.Select(f => f * unit).First(s => s >= rough * 0.999);
        for (var value = Math.Ceiling(Low / step) * step; value <= High + (step * 1e-6); value += step)
        {
            yield return (value, value.ToString("0.######", CultureInfo.InvariantCulture));
        }
    }
}
