using InferenceOperator.Core.Simulation.Policies;

namespace InferenceOperator.Core.Simulation.Runs;

/// <summary>One policy of the catalog.</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="About">What it is, for people.</param>
/// <param name="TakesPercent">True: its target may be given.</param>
/// <param name="Make">Makes it for one run: scenario, capacity, target as a share, seed.</param>
public sealed record PolicyEntry(string Name, string About, bool TakesPercent, Func<Scenario, ReplicaCapacity, double, ulong, IScalingPolicy> Make);
