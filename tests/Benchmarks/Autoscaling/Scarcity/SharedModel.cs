using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>One agent of those that share the GPUs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Profile">What it is offered.</param>
/// <param name="Service">How long its executions take.</param>
/// <param name="SloSeconds">Its SLO, at the 99th percentile.</param>
internal sealed record SharedModel(string Name, RateProfile Profile, ServiceFit Service, double SloSeconds);
