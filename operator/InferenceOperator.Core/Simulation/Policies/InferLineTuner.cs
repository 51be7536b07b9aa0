namespace InferenceOperator.Core.Simulation.Policies;

/// <summary>
/// InferLine's tuner (SoCC'20): up as soon as the rate in any window, doubling from a second to a minute, exceeds what was planned for;
/// down after 15 s without a change to the largest of 5 s windows of the last 30 s. Windows below a scrape of a second are not seen.
/// </summary>
/// <param name="throughput">μ, requests per second of one replica at full batches.</param>
/// <param name="utilization">ρ, the share of it that the plan allows, in (0, 1].</param>
public sealed class InferLineTuner(double throughput, double utilization) : IScalingPolicy
{
    private const double Stable = 15;

    private static readonly double[] Windows = [1, 2, 4, 8, 16, 32, 60];

    private readonly Queue<(double At, double Rate)> _recent = new();
    private double _changedAt;

    public double PeriodSeconds => 1;

    public double? ScrapeSeconds => 1;

    public ScalingDecision Decide(PolicyView view)
    {
        if (view.Metrics.Over(5, view.Now) is not { } five)
        {
            return new(view.Wanted);
        }

        _recent.Enqueue((view.Now, five.Rate));
        while (_recent.Peek().At < view.Now - 30)
        {
            _recent.Dequeue();
        }

        var envelope = Windows.Max(w => view.Metrics.Over(w, view.Now)?.Rate ?? 0);
        var replicas = Replicas(envelope, _recent.Max(static r => r.Rate), view.Wanted, view.Now - _changedAt);
        _changedAt = replicas == view.Wanted ? _changedAt : view.Now;
        return new(replicas);
    }

    /// <param name="envelope">Largest rate over the windows.</param>
    /// <param name="recent">Largest rate of 5 s in the last 30 s.</param>
    /// <param name="current">Replicas now.</param>
    /// <param name="sinceChange">Seconds since the last change.</param>
    public int Replicas(double envelope, double recent, int current, double sinceChange)
    {
        var perReplica = throughput * utilization;
        return envelope > current * perReplica ? (int)Math.Ceiling(envelope / perReplica)
            : sinceChange >= Stable ? Math.Min(current, (int)Math.Ceiling(recent / perReplica))
            : current;
    }
}
