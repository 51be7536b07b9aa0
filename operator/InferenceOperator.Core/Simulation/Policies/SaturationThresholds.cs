namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>
/// The thresholds of the llm-d Workload Variant Autoscaler's second saturation analyser on a capacity in requests per second: what is
/// required beyond 85 % of the anticipated supply, what is spare below 70 % of the present one. Looks every 30 s at a minute.
/// </summary>
/// <param name="capacity">Of one replica, requests per second.</param>
public sealed class SaturationThresholds(double capacity) : IScalingPolicy
{
    private const double UpThreshold = 0.85;
    private const double DownBoundary = 0.70;

    public double PeriodSeconds => 30;

    public ScalingDecision Decide(PolicyView view) => view.Metrics.Over(60, view.Now) is { } window
        ? new(Replicas(window.Rate, view.Ready, view.Unready))
        : new(view.Wanted);

    /// <param name="demand">Requests per second.</param>
    /// <param name="ready">Present supply, replicas.</param>
    /// <param name="pending">Anticipated beyond it.</param>
    public int Replicas(double demand, int ready, int pending)
    {
        var required = (demand / UpThreshold) - (capacity * (ready + pending));
        var spare = (capacity * ready) - (demand / DownBoundary);
        return required > 0 ? ready + pending + (int)Math.Ceiling(required / capacity)
            : spare > 0 ? ready + pending - (int)Math.Floor(spare / capacity)
            : ready + pending;
    }
}
