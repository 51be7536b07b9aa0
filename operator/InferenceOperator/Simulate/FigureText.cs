using System.Globalization;
using InferenceOperator.Core.Simulation.Runs;

namespace InferenceOperator.Simulate;

/// <summary>Figures as people read them.</summary>
internal static class FigureText
{
    /// <summary>A mean, with its interval where there are several seeds.</summary>
    public static string Of(ResultFigure figure, Estimate estimate, bool isSpread) => isSpread && estimate.Low != estimate.High
        ? $"{Number(estimate.Mean, figure.Format)} [{Number(estimate.Low, figure.Format)}, {Number(estimate.High, figure.Format)}]"
        : Number(estimate.Mean, figure.Format);

    public static string Number(double value, string format) => double.IsPositiveInfinity(value) ? "∞" : value.ToString(format, CultureInfo.InvariantCulture);
}
