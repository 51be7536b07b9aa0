namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>Always as many: static peak and static mean.</summary>
public sealed class FixedReplicas(int replicas) : IScalingPolicy
{
    public double PeriodSeconds => 60;

    public ScalingDecision Decide(PolicyView view) => new(replicas);
}
