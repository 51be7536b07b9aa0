using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>Another policy, and the faster variant for everything as long as replicas are on their way.</summary>
/// <param name="inner">Decides on replicas and batches.</param>
public sealed class BurstWhileStarting(IScalingPolicy inner) : IScalingPolicy
{
    public double PeriodSeconds => inner.PeriodSeconds;

    public double? ScrapeSeconds => inner.ScrapeSeconds;

    public bool ReadsReplicas => inner.ReadsReplicas;

    public bool StartsAtOnce => inner.StartsAtOnce;

    public IBatchRule? NewBatchRule() => inner.NewBatchRule();

    public ScalingDecision Decide(PolicyView view)
    {
        var decision = inner.Decide(view);
        return decision with { BurstShare = view.Unready > 0 || decision.Replicas > view.Wanted ? 1 : 0 };
    }
}
