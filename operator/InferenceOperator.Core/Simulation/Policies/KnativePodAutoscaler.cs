namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>Knative's pod autoscaler: every 2 s, over its own collector's scrapes of a second.</summary>
/// <param name="target">Requests per second or requests held by one replica, times the target utilisation.</param>
/// <param name="byConcurrency">True: the target is requests held.</param>
/// <param name="initialReplicas">Replicas when it begins; with more than one it begins in panic.</param>
public sealed class KnativePodAutoscaler(double target, bool byConcurrency, int initialReplicas) : IScalingPolicy
{
    /// <summary>Target of one replica without a container concurrency: 70 % of 100.</summary>
    public const double DefaultConcurrency = 70;

    /// <summary>Default target of the RPS metric: 70 % of 200.</summary>
    public const double DefaultRate = 140;

    private readonly KpaScaler _scaler = new(target, initialReplicas > 1);

    public double PeriodSeconds => 2;

    public double? ScrapeSeconds => 1;

    public ScalingDecision Decide(PolicyView view)
    {
        var stable = view.Metrics.Over(KpaScaler.StableWindow, view.Now);
        var panic = view.Metrics.Over(KpaScaler.PanicWindow, view.Now);
        return stable is null || panic is null
            ? new(view.Wanted)
            : new(_scaler.Scale(
                byConcurrency ? stable.Concurrency : stable.Rate, byConcurrency ? panic.Concurrency : panic.Rate, view.Ready, view.Now));
    }
}
