using InferenceOperator.Core.Simulation.Arrivals;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>
/// Knows the expected rate of the future and what a replica carries: ceil(λ/μ). Without a start-up to wait for it is the bound at every
/// instant; with one it asks a start-up ahead and keeps what it will need by then.
/// </summary>
/// <param name="workload">The future.</param>
/// <param name="capacity">μ, requests per second of one replica within the SLO.</param>
/// <param name="aheadSeconds">How long a start may take; 0: its replicas are ready at once.</param>
public sealed class Foresight(Workload workload, double capacity, double aheadSeconds) : IScalingPolicy
{
    public double PeriodSeconds => 1;

    public bool StartsAtOnce => aheadSeconds == 0;

    public ScalingDecision Decide(PolicyView view) =>
        new((int)Math.Ceiling((workload.PeakBetween(view.Now, view.Now + aheadSeconds + PeriodSeconds) / capacity) - 1e-9));
}
