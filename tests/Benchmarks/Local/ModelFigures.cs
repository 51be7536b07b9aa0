using InferenceOperator.Core.Resource;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>What the operator knew of a model at a time.</summary>
/// <param name="Fit">Time of an execution, from status.</param>
/// <param name="StartUpSeconds">From wanted to ready, from the log of decisions.</param>
internal sealed record ModelFigures(FitStatus Fit, double StartUpSeconds);
