using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>Kubernetes' Horizontal Pod Autoscaler v2 with its defaults: every 15 s, tolerance 0.1, default behaviour.</summary>
/// <param name="target">What it watches.</param>
/// <param name="batchRule">Makes the batch rule of a replica it runs beside; null: none.</param>
public sealed class HorizontalPodAutoscaler(HpaTarget target, Func<IBatchRule?>? batchRule = null) : IScalingPolicy
{
    private readonly HpaBehavior _behavior = new();

    public double PeriodSeconds => 15;

    public IBatchRule? NewBatchRule() => batchRule?.Invoke();

    public ScalingDecision Decide(PolicyView view)
    {
        // Without a value the metric errors and nothing moves.
        if (view.Metrics.Over(target.WindowSeconds, view.Now) is not { Measured: > 0 } window)
        {
            return new(view.Wanted);
        }

        var measured = Math.Min(window.Measured, view.Ready);
        var missing = view.Ready - measured;
        int Pods(double mean, double perReplica) => HpaArithmetic.FromPods(mean * measured, measured, missing, view.Unready, perReplica, view.Wanted);
        var recommended = target switch
        {
            HpaTarget.Rate t => Pods(window.Rate / measured, t.PerReplica),
            HpaTarget.Concurrency t => Pods(window.Concurrency / measured, t.PerReplica),
            HpaTarget.GpuBusy t => Pods(window.Busy, t.Share),
            HpaTarget.TotalRate t => HpaArithmetic.FromTotal(window.Rate, t.PerReplica, view.Wanted),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return new(_behavior.Apply(Math.Clamp(recommended, view.Min, view.Max), view.Wanted, view.Now));
    }
}
