namespace InferenceOperator.Simulate.Report;

/// <summary>One line of a plot.</summary>
/// <param name="Points">x ascending; a y that is not finite breaks the line.</param>
/// <param name="Style">Index of its colour.</param>
/// <param name="IsStepped">True: y holds until the next point.</param>
internal sealed record PlotLine(IReadOnlyList<(double X, double Y)> Points, int Style, bool IsStepped);
