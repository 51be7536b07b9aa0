namespace InferenceRuntime.Execution.Padding;

/// <summary>An output that carries a padded length and is cut back to the request's own.</summary>
/// <param name="Output">Its index in the signature.</param>
/// <param name="Axis">The axis that carries it.</param>
/// <param name="AxisName">The model's name for the length.</param>
internal sealed record CutOutput(int Output, int Axis, string AxisName);
